# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server on loopback, for tests and for experiments. The protocol is the subclass's task."""

from __future__ import annotations

import contextlib
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LoopbackServer(ThreadingHTTPServer):
    """:param port: 0 chooses a free port."""

    daemon_threads = True
    # The number of connections that wait to be accepted. With socketserver's 5, a busy machine resets some of them.
    request_queue_size = 128

    def __init__(self, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", port), handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing for a client that has disconnected."""

    def serve_as(self, name: str) -> None:
        """Print the address, and serve until the process is stopped."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print(f"{name} listening on {self.url}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            self.serve_forever()
