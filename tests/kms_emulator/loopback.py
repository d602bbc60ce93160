# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server on loopback, for tests and for people who try things: what is the same whatever it serves."""

from __future__ import annotations

import contextlib
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LoopbackServer(ThreadingHTTPServer):
    """:param port: 0 picks a free one."""

    daemon_threads = True
    # Connections that wait to be accepted. With the 5 of socketserver a busy machine resets some of many at once.
    request_queue_size = 128

    def __init__(self, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", port), handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of the server's."""

    def serve_as(self, name: str) -> None:
        """Say where it listens, and serve until somebody stops the process."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print(f"{name} listening on {self.url}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            self.serve_forever()
