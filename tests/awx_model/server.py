# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model over HTTP on loopback, and its stored objects for tests."""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from kms_emulator.loopback import LoopbackServer

from .model import VERSION, Model
from .running import Outcome

#: What tests ask; AWX has no such thing.
CONTROL: Final = "/_model/"
_UNKNOWN: Final = {
    "detail": "Authentication credentials were not provided. To establish a login session, visit /api/login/."
}


class ModelServer(LoopbackServer):
    def __init__(self, port: int, model: Model | None = None) -> None:
        super().__init__(port, Handler)
        self.model = model or Model()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: ModelServer

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *_: Any) -> None:
        """Requests carry secrets."""

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = parse_qsl(parts.query, keep_blank_values=True)
        path = unquote(parts.path)
        try:
            given = json.loads(body) if body else None
        except ValueError as error:
            self._reply(400, {"detail": f"JSON parse error - {error}"})
            return
        try:
            if path.startswith(CONTROL):
                status, answer = self._control(path.removeprefix(CONTROL), given)
            elif path.startswith("/api/v2/") and path != "/api/v2/ping/" and not self._known():
                status, answer = 401, _UNKNOWN
            else:
                status, answer = self.server.model.request(self.command, path, query, given)
        except Exception:  # A fault of the model, to be seen by the user who runs it.
            traceback.print_exc()
            status, answer = 500, {"detail": "The model itself has failed."}
        self._reply(status, answer)

    def _known(self) -> bool:
        """Any token will do, and any name with any password."""
        scheme, _space, value = self.headers.get("Authorization", "").partition(" ")
        return scheme in ("Bearer", "Token", "Basic") and bool(value.strip())

    def _control(self, name: str, given: Any) -> tuple[int, Any]:
        model = self.server.model
        match (self.command, name.split("/")):
            case ("GET", ["calls"]):
                return 200, model.calls
            case ("GET", ["objects", collection]):
                return 200, model.objects(collection)
            case ("POST", ["reset"]):
                model.reset()
                return 200, None
            case ("PUT", ["projects"]):
                for url, folder in given.items():
                    model.add_project(url, Path(folder))
                return 200, None
            case ("POST", ["jobs", id_]):
                model.finish(int(id_), Outcome(**given))
                return 200, None
        return 404, {"detail": f"There is no {self.command} {name}."}

    def _reply(self, status: int, answer: Any) -> None:
        """:param answer: what becomes JSON, None for nothing, or a text as bytes."""
        text = isinstance(answer, bytes)
        body = answer if isinstance(answer, bytes) else b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", VERSION)
        self.send_header("Content-Type", "text/plain; charset=utf-8" if text else "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)
        self.wfile.flush()


@contextmanager
def serving(model: Model | None = None) -> Iterator[ModelServer]:
    """A model on a free port of loopback, in a thread of this process."""
    server = ModelServer(0, model)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
