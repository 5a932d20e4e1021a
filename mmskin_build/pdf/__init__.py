"""Read PDF files: open them safely, take out lines and graphics, render pages, copy pictures."""
