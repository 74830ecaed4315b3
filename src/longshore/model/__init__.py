"""The nouns, and the contracts between the rooms.

Here live the words of the house as frozen structs, their lifecycles as tables of legal moves, the
steps the planner may take, the errors, and the Protocols behind which the outside world stands.
Nothing here does I/O, reads a clock, or decides anything; every other room may import it, and it
imports none of them.
"""
