"""What is remembered: nouns, asks and their answers, plans, decisions, the journal, in SQL.

Here live the tables and their migrations, the few statements that fill and read them, and the rule
that one process at a time has a store open. Nothing is decided here, no clock is read, and no text of
a template or state of a noun is understood beyond the columns that readers filter by.

The engine alone writes nouns, by whole batches (`Store.commit`); services append asks and read. All
of it is synchronous and safe to call from any thread: callers in an event loop use
`asyncio.to_thread`. Only `Store` and what it gives out are public.
"""

from longshore.store.bell import Bell
from longshore.store.reading import Loaded
from longshore.store.store import Store

__all__ = ["Bell", "Loaded", "Store"]
