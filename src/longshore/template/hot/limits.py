"""What one reading may ask for, and why each number is what it is.

Bounds on the text itself stand in `document`; here are those on what a template makes of it.
"""

from __future__ import annotations

MOST_TEXT = 4 * 1024 * 1024
"""Characters of one template: ten thousand resources have two million. Heat stops at 512 KiB."""

MOST_WORK = 8 * 1024 * 1024
"""Characters such a text may weigh, sixteen for each value: ten thousand resources weigh six million."""

MOST_NESTED = 5
"""Templates within templates, as Heat's `max_nested_stack_depth` has it."""

MOST_RESOURCES = 10_000
"""Resources of nested templates, in all: a few lines can ask for a hundred in a hundred in a hundred."""

MOST_MEMBERS = 10_000
"""Members of one group; a count beyond is a slip, and would fill the memory with names."""

MOST_ALIASES = 20
"""Types that one name of the registry may lead through; a ring of names has no end."""

LONGEST_PATTERN = 2_000
"""Characters of an `allowed_pattern`."""

LONGEST_MATCHED = 10_000
"""Characters of a value that is held against a pattern."""
