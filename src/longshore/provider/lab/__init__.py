"""The cloud `lab`: hosts made on this machine, each a container that holds a Docker Engine of its own.

For trying what happens over several hosts without owning several: a laptop is enough. What bounds a
host (cores, memory) is enforced by the engine that holds it. Its engine listens on TCP and answers
only who shows a certificate of this cell's own authority.
"""
