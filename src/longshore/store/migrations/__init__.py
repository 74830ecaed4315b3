"""The schema's history: `versions/vNNNN_words.py`, one file for each step, never edited once released.

To change a table: change `schema.py`, add the next file, which does the same to a store that exists,
and raise `schema.HEAD`. The tests compare the two ways to the newest schema, and compile both for
PostgreSQL. Migrations spell everything out; they import nothing of this package, which moves on.
"""
