"""Copies, crops and rescans of one photograph, found across books."""
