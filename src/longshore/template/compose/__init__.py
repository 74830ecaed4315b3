"""The Compose dialect, read in the phases of the reference reader.

    layers       files to one model: tags, variables, `include`, `extends`, checked, joined
    keys         a table per mapping of the language: how each key is checked, and what becomes of it;
                 `parts`, `resources` and `deploy` hold those of the inner mappings
    defaults     what a file leaves out and everyone means
    consistency  what must agree: faults
    inputs       environment files, variables, contents
    refusals     what is right, and Longshore cannot keep: it stops a plan, not a reading
    lower        the model to the specs of the house
    config       the model as `docker compose config` prints it

A table judges by the language alone: whether something runs is a word in its row, never a fault.
"""
