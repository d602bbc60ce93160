# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records every KMS call of a Python process, without secrets.

The modules of the collection run in processes of their own, and they do not accept a proxy between themselves and KMS.
The recorder therefore works inside each process: it wraps botocore's one method that makes an API call.

The record is safe because of what it admits: names of fields, numbers, booleans, dates, and the text of the fields in
``READABLE``. Any other text becomes its length. Bytes become their length and a keyed digest, by which the same bytes
are recognized later. The key of the digest is deleted with the journal.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.abc
import importlib.machinery
import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Container, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER_VARIABLE = "CLOUDKEYS_ACCEPTANCE_FOLDER"
SCENARIO_VARIABLE = "CLOUDKEYS_ACCEPTANCE_SCENARIO"
#: Set for the processes that a run starts: they call KMS only while the run is in progress.
BOUND_VARIABLE = "CLOUDKEYS_ACCEPTANCE_BOUND"
JOURNAL = "journal.jsonl"
KEY = "digest"
RUNNING = "running"
#: The name of a file that exists from the request for a key to its answer, before a number. It contains the Region.
CREATING = "creating-"

#: Fields of requests and answers whose text is recorded. KMS's answers contain key material in none of them.
READABLE = frozenset(
    {
        "AWSAccountId",
        "AliasArn",
        "AliasName",
        "Arn",
        "CurrentKeyMaterialId",
        "CustomerMasterKeySpec",
        "Description",
        "EncryptionAlgorithm",
        "EncryptionAlgorithms",
        "ExpirationModel",
        "ImportState",
        "ImportType",
        "IncludeKeyMaterial",
        "KeyAgreementAlgorithms",
        "KeyArn",
        "KeyId",
        "KeyManager",
        "KeyMaterialDescription",
        "KeyMaterialId",
        "KeyMaterialState",
        "KeySpec",
        "KeyState",
        "KeyUsage",
        "MacAlgorithm",
        "MacAlgorithms",
        "MessageType",
        "MultiRegionKeyType",
        "Origin",
        "Policy",
        "PolicyName",
        "Region",
        "ReplicaPolicy",
        "ReplicaRegion",
        "RotationType",
        "SigningAlgorithm",
        "SigningAlgorithms",
        "TagKey",
        "TagKeys",
        "TagValue",
        "TargetKeyId",
        "WrappingAlgorithm",
        "WrappingKeySpec",
    }
)

#: Maps with names that the caller chose.
MAPS = frozenset({"DestinationEncryptionContext", "EncryptionContext", "SourceEncryptionContext"})
#: Codes that KMS documents for every operation. Messages of other codes may quote headers, credentials, or hosts.
COMMON_CODES = frozenset({"AccessDeniedException", "ThrottlingException", "ValidationException"})

Value = Any


class RunEnded(Exception):
    """A process outlives its run. Its calls would create keys that are not cleaned up."""


def start() -> None:
    """Record the calls of this process, if an acceptance run has started it."""
    if not os.environ.get(FOLDER_VARIABLE):
        return
    if "botocore.client" in sys.modules:
        wrap(sys.modules["botocore.client"])
    else:
        # botocore takes long to import, and most processes never need it.
        sys.meta_path.insert(0, _Finder())


def wrap(client: ModuleType) -> None:
    """:param client: the module ``botocore.client``."""
    original = client.BaseClient._make_api_call

    def record(self: Any, operation_name: str, api_params: dict[str, Any]) -> Any:
        if self.meta.service_model.service_name != "kms":
            return original(self, operation_name, api_params)
        return recorded(lambda: original(self, operation_name, api_params), self.meta, operation_name, api_params)

    client.BaseClient._make_api_call = record


def recorded(call: Callable[[], Any], meta: Any, operation: str, request: dict[str, Any]) -> Any:
    """Make a call, and write it into the journal."""
    folder = Path(os.environ[FOLDER_VARIABLE])
    if os.environ.get(BOUND_VARIABLE) and not is_running(folder):
        raise RunEnded(f"{operation} was not called: the acceptance run that started this process has ended.")
    try:
        clean = Cleaner((folder / KEY).read_bytes())
    except OSError as error:
        _warn(error)
        return call()
    began = time.time()
    entry = {
        "at": began,
        "scenario": os.environ.get(SCENARIO_VARIABLE, ""),
        "region": meta.region_name,
        "operation": operation,
        "request": clean.fields(request),
    }
    mark = _mark(folder, meta.region_name, operation, request)
    try:
        answer = call()
    except Exception as error:
        known = failure(error, {shape.name for shape in meta.service_model.error_shapes})
        if "code" in known["error"]:
            _unmark(mark)
        entry |= {"seconds": time.time() - began, **known}
        _append(folder / JOURNAL, entry)
        raise
    fields = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    entry |= {"seconds": time.time() - began, "status": status, "answer": clean.fields(fields)}
    _append(folder / JOURNAL, entry)
    _unmark(mark)
    return answer


def is_running(folder: Path) -> bool:
    """:param folder: the private folder of a run."""
    return (folder / RUNNING).exists() and is_locked(folder.parent)


def is_locked(folder: Path) -> bool:
    """Whether the process of the run that has this folder still exists."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _mark(folder: Path, region: str, operation: str, request: dict[str, Any]) -> Path | None:
    """Note that a key is being created, in case its ARN is never received."""
    if operation not in ("CreateKey", "ReplicateKey"):
        return None
    mark = folder / f"{CREATING}{uuid.uuid4().hex}"
    try:
        mark.write_text(str(request.get("ReplicaRegion", region)), "utf-8")
    except OSError as error:
        _warn(error)
        _unmark(mark)
        return None
    return mark


def _unmark(mark: Path | None) -> None:
    if mark is not None:
        with contextlib.suppress(OSError):
            mark.unlink()


def failure(error: Exception, codes: Container[str] = ()) -> dict[str, Value]:
    """What is recorded of an error: KMS's code and message. The message of another error may quote the request.

    :param codes: of the errors in KMS's model.
    """
    response = getattr(error, "response", None)
    if not isinstance(response, dict) or "Error" not in response:
        return {"status": None, "error": {"class": type(error).__name__}}
    told = response["Error"]
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    code, message = str(told.get("Code")), str(told.get("Message", ""))
    readable = code in codes or code in COMMON_CODES
    return {"status": status, "error": {"code": code, "message": message if readable else {"text": len(message)}}}


class Cleaner:
    """Turns fields of a request or an answer into what may be recorded of them."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def fields(self, fields: dict[str, Value]) -> dict[str, Value]:
        return {name: self.value(name, value) for name, value in fields.items()}

    def value(self, name: str, value: Value) -> Value:
        """:param name: the name of the field that has the value, itself or in a list."""
        if isinstance(value, dict):
            return {"entries": len(value)} if name in MAPS else self.fields(value)
        if isinstance(value, (list, tuple)):
            return [self.value(name, one) for one in value]
        if isinstance(value, (bytes, bytearray)):
            digest = hashlib.blake2b(bytes(value), key=self._key, digest_size=16).hexdigest()
            return {"bytes": len(value), "digest": digest}
        if isinstance(value, datetime):
            return {"time": value.astimezone(UTC).isoformat()}
        if isinstance(value, str):
            return value if name in READABLE else {"text": len(value)}
        return value if value is None or isinstance(value, (bool, int, float)) else {"type": type(value).__name__}


def _append(journal: Path, entry: dict[str, Value]) -> None:
    """One write to a file that is open for appending: entries of several processes do not mix."""
    line = json.dumps(entry, sort_keys=True).encode() + b"\n"
    try:
        descriptor = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError as error:
        _warn(error)


def _warn(error: OSError) -> None:
    """A gap in the record is better than a clean-up that fails because the disk is full."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"A KMS call was not recorded: {error}\n")


class _Finder(importlib.abc.MetaPathFinder):
    """Finds ``botocore.client`` as Python would, and wraps it when it is loaded."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "botocore.client":
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_wrap(module: ModuleType) -> None:
                load(module)
                wrap(module)

            spec.loader.exec_module = load_and_wrap  # type: ignore[method-assign]
        return spec
