"""The core: given what is wanted, what is seen, and the time, what are the next steps, and why?

`intake` takes inputs in, `converge` works off what they touched, `rehearse` does both for itself on
a fork by assuming each step's outcome. All of it is pure: no I/O, no clock, no randomness; the same
estate, time and seed give the same plan. The engine performs, rehearsals assume, nobody else calls.
"""
