"""The runner: plans, skips what is fresh, runs stages in workers, writes tables and receipts."""
