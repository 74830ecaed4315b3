"""Where tasks run, and what to buy when they fit nowhere. Pure; NumPy lives here and nowhere else.

The fleet is the scheduler's own picture of the estate's hosts, kept by deltas. `place` picks hosts
for identical replicas, `survey` says which rules exclude which hosts, `relax` finds the smallest
changes that would make a request fit, `preempt` who would have to go, and `shop` picks what to buy.

Rules (`rules`) and strategies (`strategies`) are rows; a score is a tuple of whole numbers (`look`). How
the greedy choice is found without making it one by one is told in `merge` and `domains`, and nothing else
needs to know.
"""
