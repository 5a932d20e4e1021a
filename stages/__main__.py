"""``python -m stages``."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    if sys.getfilesystemencoding() != "utf-8":  # an old locale: books may have names beyond it
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, "-m", "stages", *sys.argv[1:]])

    from stages.cli import main

    main()
