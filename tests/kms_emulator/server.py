# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KMS over HTTP on loopback (AWS JSON 1.1 protocol), with STS and the control API on the same port."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
import traceback
import uuid
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import Any

from . import (
    alias_operations,
    cryptographic_operations,
    import_operations,
    key_operations,
    multi_region_operations,
    rotation_operations,
    token_service,
)
from .bookkeeping import ask_moto
from .control import Control
from .errors import Refused
from .faults import Fault
from .loopback import LoopbackServer
from .operations import OPERATIONS, Call
from .token_service import Service
from .world import World

__all__ = (
    "EmulatorServer",
    "alias_operations",
    "cryptographic_operations",
    "import_operations",
    "key_operations",
    "multi_region_operations",
    "rotation_operations",
)

CONTROL = "/_emulator/"
_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([a-z0-9-]+)/(kms|sts)/")
_NAMES_SOMETHING = ("KeyId", "TargetKeyId", "SourceKeyId", "AliasName", "RoleArn")


class Dropped(Exception):
    """Close the connection without an answer."""


@dataclass(frozen=True)
class Asked:
    """A request.

    :ivar request: its parameters.
    :ivar body: the unparsed bytes.
    """

    service: Service
    operation: str
    access_key: str
    region: str
    request: dict[str, Any]
    body: bytes

    @property
    def named(self) -> str | None:
        """The key, alias, or role of the request."""
        return next((self.request[name] for name in _NAMES_SOMETHING if name in self.request), None)


class EmulatorServer(LoopbackServer):
    def __init__(self, port: int, world: World | None = None) -> None:
        super().__init__(port, Handler)
        self.world = world or World()
        self.control = Control(self.world)
        # One operation at a time: KMS's operations are atomic, and the emulator's are short.
        self.lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: EmulatorServer
    raw_requestline: bytes
    fields: dict[str, str]
    """The request's headers, by lowercase name."""

    def parse_request(self) -> bool:
        """Parse the request line and the headers. http.server's e-mail parser would take a third of the total time.

        :returns: whether to answer the request.
        """
        self.requestline = self.raw_requestline.decode("iso-8859-1").rstrip("\r\n")
        self.fields = {}
        words = self.requestline.split()
        if len(words) != 3:
            self.close_connection = True
            return False
        self.command, self.path, self.request_version = words
        # An empty line ends the headers. If nothing is received, the client has disconnected.
        while (line := self.rfile.readline()).strip():
            name, _colon, value = line.decode("iso-8859-1").partition(":")
            self.fields[name.lower()] = value.strip()
        if not line:
            self.close_connection = True
            return False
        self.close_connection = self.fields.get("connection", "").lower() == "close"
        return True

    def do_GET(self) -> None:
        self._control()

    def do_PUT(self) -> None:
        self._control()

    def do_POST(self) -> None:
        if self._path.startswith(CONTROL):
            self._control()
            return
        try:
            asked = self._asked()
            status, answer = self._operate(asked)
        except Dropped:
            self.close_connection = True
            self.connection.close()
            return
        kind = {"Content-Type": "text/xml"} if asked.service == "sts" else {}
        self._reply(status, answer, {"x-amzn-RequestId": str(uuid.uuid4()), **kind})

    @property
    def _path(self) -> str:
        """The path without the scheme and host that a request through a proxy contains."""
        return re.sub(r"^https?://[^/]+", "", self.path)

    def _asked(self) -> Asked:
        scope = _CREDENTIAL.search(self.fields.get("authorization", ""))
        access_key, region, service = scope.groups() if scope else ("", "us-east-1", "kms")
        body = self._body()
        if service == "sts":
            request = token_service.form(body)
            return Asked("sts", request.get("Action", ""), access_key, region, request, body)
        operation = self.fields.get("x-amz-target", "").rpartition(".")[2]
        return Asked("kms", operation, access_key, region, json.loads(body or b"{}"), body)

    def _operate(self, asked: Asked) -> tuple[int, Any]:
        control, account = self.server.control, None
        if control.latency:
            time.sleep(control.latency)
        fault = control.next_fault(asked.operation, asked.region, asked.named)
        if fault.hold or fault.drop == "before":
            control.record(asked.operation, account, asked.region, asked.named, 0, fault)
            if fault.hold:
                fault.released.wait()
            raise Dropped
        if fault.body is not None:
            status = fault.status or 200
            control.record(asked.operation, account, asked.region, asked.named, status, fault)
            return status, fault.body.encode()
        try:
            with self.server.lock:
                token = self.fields.get("x-amz-security-token")
                account = token_service.account_of(asked.access_key, token, asked.service)
                status, answer = 200, self._answer(asked, account, fault)
        except Refused as refused:
            status, answer = refused.status, {"__type": refused.code, "message": refused.message}
            if asked.service == "sts":
                answer = token_service.error_body(refused)
        except Exception:  # An error in the emulator itself: print it for the user.
            traceback.print_exc()
            status, answer = 500, {"__type": "InternalFailure", "message": "The emulator itself has failed."}
        control.record(asked.operation, account, asked.region, asked.named, status, fault)
        if fault.drop:
            raise Dropped
        return status, answer

    def _answer(self, asked: Asked, account: str, fault: Fault) -> Any:
        """:raises Refused: the service or the control API refuses the request."""
        control, operation, request = self.server.control, asked.operation, asked.request
        control.admit(operation, account, asked.region, asked.named or "*", fault, asked.service)
        if asked.service == "sts":
            return token_service.answer(operation, account, asked.region, self.fields, asked.body)
        call = Call(self.server.world.region(account, asked.region), operation, request)
        if operation in ("DeleteAlias", "UpdateAlias"):
            # The caller also needs the permission on the key that the alias refers to.
            current = call.kms.aliases.get(request.get("AliasName", ""))
            control.refuse_denied(operation, account, current.id if current else "*")
        own = OPERATIONS.get(operation)
        with self.server.world.late(fault.stale_seconds):
            return own(call) if own else ask_moto(call)

    def _control(self) -> None:
        body = self._body()
        name = self._path.removeprefix(CONTROL)
        try:
            with self.server.lock:
                answer = self.server.control.request(self.command, name, json.loads(body) if body else None)
            status = 200
        except (Refused, KeyError, TypeError, ValueError) as error:
            status, answer = 400, {"message": str(error)}
        self._reply(status, answer, {})

    def _body(self) -> bytes:
        """:raises Dropped: the client disconnected in the middle of the request, which is not carried out."""
        length = int(self.fields.get("content-length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            raise Dropped
        return body

    def _reply(self, status: int, answer: Any, headers: dict[str, str]) -> None:
        """:param answer: an object to send as JSON, None for an empty body, or the bytes of the body."""
        body = answer if isinstance(answer, bytes) else b""
        if not isinstance(answer, bytes | None):
            body = json.dumps(answer, default=_encode).encode()
        self.send_response_only(status)
        headers = {
            "Date": formatdate(self.server.world.clock.now(), usegmt=True),
            "Content-Type": "application/x-amz-json-1.1",
            "Content-Length": str(len(body)),
            **headers,
        }
        for header, value in headers.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _encode(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"{type(value)} in an answer")
