"""An S3 server for tests, and the variables by which fsspec finds it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def s3_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the URL of a folder in a bucket on a server of this machine's loopback."""
    pytest.importorskip("moto", reason="needs the extra 'dev'")
    pytest.importorskip("s3fs", reason="needs the extra 'dev'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        import fsspec

        fsspec.filesystem("s3").mkdir("books")
        yield "s3://books/exchange"
    finally:
        server.kill()
        server.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the S3 server did not start")
