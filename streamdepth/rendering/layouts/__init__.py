"""How a picture and its depth become one picture: one module a layout, and the registry that knows them by word."""
