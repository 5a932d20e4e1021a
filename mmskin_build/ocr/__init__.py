"""Pages without a usable text layer: recognise them, read them, find their pictures."""
