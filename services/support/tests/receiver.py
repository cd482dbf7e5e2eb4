"""A system of the shop that webhooks are sent to: it keeps what came, and answers as it is told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from services.common.testing import eventually


@dataclass(frozen=True)
class Came:
    """One request: its headers, by names in lower case, and its body."""

    headers: dict[str, str]
    body: str


class Receiver:
    """Listens on a port of this machine. answers: the statuses to answer with, in turn; then 204."""

    def __init__(self, *answers: int):
        self.answers, self.came, self.location = list(answers), list[Came](), ""
        receiver = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                receiver.came.append(Came({name.lower(): value for name, value in self.headers.items()}, body))
                said = b"I have read it"
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hooks?from=pledge"

    def take(self) -> Came:
        """Wait for the next request and return it."""
        eventually(lambda: self.came)
        return self.came.pop(0)


@contextmanager
def receiving(*answers: int) -> Iterator[Receiver]:
    receiver = Receiver(*answers)
    serving = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        serving.join()
