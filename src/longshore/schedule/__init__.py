"""Where tasks run, and what to buy when they fit nowhere. Pure; NumPy lives here and nowhere else.

The fleet is the scheduler's own picture of the estate's hosts, kept by deltas. `place` picks hosts
for identical replicas, `survey` says which rules exclude which hosts, `relax` finds the smallest
changes that would make a request fit, and `shop` picks what to buy.
"""
