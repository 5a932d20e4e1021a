"""Questions written by a language model: prompts, replies, and the gate they must pass."""
