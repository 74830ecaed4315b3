"""The command line: words to HTTP and back, and nothing else.

Here lives what turns arguments into requests, sends the files and variables that a template needs
(and no others), and shows the answers to people or programs. Nothing here decides what is done to
containers, hosts or clouds. It imports `model` and no other room; `main` hands it the rest as a
`Wiring`. Heavy libraries are imported inside functions, so that `--help` stays fast.
"""
