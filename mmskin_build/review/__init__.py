"""People's decisions: the queue they work on, the page, and the ledger their labels go to."""
