"""Reading what a user hands in: text becomes a graph, or faults, or needs.

Pure: the caller brings the files and the variables (`Sources`), the reader answers with a
`Reading`, and asks by `Needs` for what it lacks; the caller calls again until there is a graph or
there are faults. A text is read in phases, each over located values so that every fault has its
line and column:

    document       text -> nodes, with file, line and column; bounded in size, depth and expansion
    interpolation  ${VARIABLE} in scalars
    schema         tables of keys: each checked and written in its long form, or refused with why
    merge          several files into one, by the rules of the dialect
    compose        the tables of Compose, what must agree across them, and the lowering to specs

A dialect is a row in `dialects`. Nothing here opens a file, reads an environment or a clock.
`service` and `plan` may call; only `read`, the codes and `catalogue`, which shows what there is to write,
are public.
"""

from longshore.template.reader import read

__all__ = ["read"]
