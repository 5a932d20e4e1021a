"""What a build costs: per stage, beside the bare libraries, and as books grow longer and more."""
