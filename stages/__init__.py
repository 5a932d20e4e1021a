"""The recipe: which stages run, in which order. ``python -m stages`` is the command line."""
