"""Resource types as rows: what each takes, gives, needs and refuses.

`schema` holds the words the rows are written in, one module per service holds the rows, and
`registry` finds them and loads no more than is asked for. `properties` checks values against a row,
with `constraints` and `forms` for single values and `rules` for what no table can say; `implied`
knows which resources wait for others without naming them. Nothing here reads a text: values come
evaluated, places come as nodes.
"""
