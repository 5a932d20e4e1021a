"""A chat server on the loopback interface that answers from a script; nothing leaves the test."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any]  # status, body; a text body is sent as it is


class ChatServer:
    """``answer(body, number)`` decides each reply; ``requests`` keeps what came in."""

    def __init__(self, answer: Callable[[dict[str, Any], int], Answer]) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self._answer = answer
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                sent = json.loads(self.rfile.read(size))
                with outer._lock:
                    outer.requests.append(sent)
                    outer.keys.append(self.headers.get("Authorization", ""))
                    number = len(outer.requests)
                status, body = outer._answer(sent, number)
                data = (body if isinstance(body, str) else json.dumps(body)).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(data)))
                    self.send_header("retry-after-ms", "1")
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:
                    pass  # the client did not wait

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def completion(content: str, tokens: tuple[int, int] = (100, 20)) -> dict[str, Any]:
    """Return a chat completion as servers send it."""
    return {
        "id": "1",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": "tiny-model",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": content},
            }
        ],
        "usage": {
            "prompt_tokens": tokens[0],
            "completion_tokens": tokens[1],
            "total_tokens": sum(tokens),
        },
    }


def questions(*rows: tuple[str, str, str]) -> str:
    """Return a reply's words: rows of question, answer, evidence."""
    names = ("question", "answer", "evidence")
    return json.dumps({"questions": [dict(zip(names, row, strict=True)) for row in rows]})
