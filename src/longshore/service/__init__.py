"""One function per thing a person may ask.

A module per noun. What changes something, or needs the planner, is written down as an ask and
answered by the engine (`answer`); everything else is read from the store and joined for reading
(`look`). What streams (logs, exec, builds) goes through `Streams`. All that the functions need is on
the `Desk`, which main builds once. They raise `LongshoreError` and know nothing of HTTP: `api` calls
them, and nobody else. Nothing here writes a noun, plans, or knows a provider.
"""
