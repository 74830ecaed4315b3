"""The runtime `docker`: containers on one Docker Engine, over its HTTP API.

`engine.DockerEngine` is what others hold. Below it: `tasks` (containers), `holdings` (networks and
volumes), `images`, `streams`; `order` and `report` turn our nouns into the engine's and back, purely;
`answers` says which parts of the engine's answers are read; `wire` alone opens connections, and
`faults` alone turns what the engine says into our errors.

Only what carries our cell's label is listed, changed or removed. One thing is asked about others: the
name of the container that holds a port which we were refused.
"""
