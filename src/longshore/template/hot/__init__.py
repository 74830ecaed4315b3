"""Heat's template language (HOT), and CloudFormation's format as Heat reads it.

    versions     what each version of the language has
    functions    one row per function
    expression   a value with functions in it: parsed once, then worked out in a scope
    scope        what a value may look at: parameters, conditions, resources, files

Pure: text and values in, values and faults out. The reading of whole templates is built on these;
Compose files know nothing of them.
"""
