"""Find figures and their captions: learn the book's style, build regions, assign globally."""
