"""Everything outside: clouds that lend hosts, and the engines that run containers on them.

`registry` is what main hands on, the `Provider` of the seams: a table of the kinds of cloud, each a row.
`local` is the engine at hand as one own host, `simulator` a cloud and its engines in memory, `docker` the
runtime on a real engine. A cloud is a row in the registry and a module here; SDKs live nowhere else.

Nothing here decides: a verb does what it is told, once, and says how that went in the errors of
`model/errors.py`, into which foreign ones are turned at the border. Only the model is known here; only
main may import this room.
"""
