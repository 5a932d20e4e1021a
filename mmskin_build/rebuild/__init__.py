"""Make the rows of somebody's release again from one's own copies of the same books."""
