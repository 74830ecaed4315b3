"""Heat's template language (HOT), and CloudFormation's format as Heat reads it.

What a value may say:

    versions     what each version of the language has
    functions    one row per function
    expression   a value with functions in it: parsed once, then worked out in a scope
    scope        what a value may look at: parameters, conditions, resources, files
    scalars      what a plain word means in YAML 1.1
    types        one row per resource type: properties, attributes, rules, what it implies

How a template is read, from the text to the outline:

    template     a text, its version, its sections
    environment  what is given beside it; registry: what a type means
    parameters   declarations and values; kinds, constraints, patterns: what a value may be
    conditions   each worked out when it is first asked for
    definitions  what each resource is and says
    stack        all of it together: types, properties, what waits for what, rings
    nested       templates and groups within; facade: a template as a type
    files        where the files lie that are named, and whether they may be read
    outline      what is told of a template that has no fault
    limits       every bound, and why it is what it is

`reading` goes through them in this order. Pure: text and values in, values and faults out. Compose
files know nothing of any of this.
"""
