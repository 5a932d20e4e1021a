"""``python -m stages``."""

from __future__ import annotations

from stages.cli import main

if __name__ == "__main__":
    main()
