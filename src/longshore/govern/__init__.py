"""Money and limits, pure: what hosts cost, who shares that cost, and what may be bought.

Knows only the model. Planner, scheduler and services ask here, so that a price shown, a price
bound and a price billed are one number.
"""
