"""The Compose dialect: its keys, its long forms, what must agree, and its lowering to specs."""
