"""Questions and answers that need the picture, written from what the caption proves."""
