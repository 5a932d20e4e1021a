"""Answers about one thing: the whole life of a row, or what was seen on a page."""
