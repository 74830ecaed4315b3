"""One module per noun; `cli.app` lists them and loads a module only when its command is used."""
