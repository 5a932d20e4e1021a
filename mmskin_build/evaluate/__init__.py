"""Score a model on questions about pictures: predictions, metrics, baselines without sight."""
