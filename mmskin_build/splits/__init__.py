"""Splits that do not leak: what belongs together stays together, and old rows stay put."""
