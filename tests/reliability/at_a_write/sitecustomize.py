"""Put first on PYTHONPATH, this kills the process that makes the Nth change in a build folder.

Python runs it at the start of every process, also of the workers. They count together, in a file.
KILL_FOLDER: the build folder; KILL_COUNT: the file that counts; KILL_AT: N.
"""

import os
import signal
import sys

_EVENTS = {"os.rename": (0, 1), "os.remove": (0,), "os.mkdir": (0,), "shutil.rmtree": (0,)}


def _changes(event, arguments):
    if event == "open":
        path, _mode, flags = arguments
        places = (path,) if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) else ()
    else:
        places = [arguments[i] for i in _EVENTS.get(event, ())]
    return any(os.fsdecode(p).startswith(_FOLDER) for p in places if isinstance(p, (str, bytes)))


def _watch(event, arguments):
    if event != "open" and event not in _EVENTS:
        return
    if not _changes(event, arguments):
        return
    os.write(_COUNT, b".")
    if os.fstat(_COUNT).st_size == _AT:
        os.kill(os.getpid(), signal.SIGKILL)


if "KILL_FOLDER" in os.environ:
    _FOLDER = os.environ["KILL_FOLDER"]
    _AT = int(os.environ["KILL_AT"])
    _COUNT = os.open(os.environ["KILL_COUNT"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    sys.addaudithook(_watch)
