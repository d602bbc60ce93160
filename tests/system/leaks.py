# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for a secret in everything that a run prints, writes or shows, in every form it might have been given."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

# Enough to be no coincidence. A leak of a part is a leak.
_SHORTEST = 12
# What tests of leaks have in common: Ansible at its most talkative, and a passphrase that is looked for.
LOUD = {"ANSIBLE_DEBUG": "1", "ANSIBLE_VERBOSITY": "5"}
PASSPHRASE = b"correct horse battery staple"


def forms(secret: bytes) -> dict[str, bytes]:
    """The secret as it would look in output, files and arguments."""
    text = secret.decode("latin-1")
    found = {
        "raw": secret,
        "hex": secret.hex().encode(),
        "HEX": secret.hex().upper().encode(),
        "hex with colons": secret.hex(":").encode(),
        "Python repr": repr(secret)[2:-1].encode(),
        "JSON": json.dumps(text)[1:-1].encode(),
        "UTF-8 of Latin-1": text.encode(),
        "list of numbers": ", ".join(map(str, secret)).encode(),
    }
    for shift in range(3):
        # The base64 of the secret within a longer text, without the characters that also encode adjacent bytes.
        encoded = base64.b64encode(b"\0" * shift + secret)
        start = -(-shift * 8 // 6)
        end = (len(secret) + shift) * 8 // 6
        found[f"base64, {shift} bytes after"] = encoded[start:end]
        found[f"base64url, {shift} bytes after"] = encoded[start:end].translate(bytes.maketrans(b"+/", b"-_"))
    return {form: needle for form, needle in found.items() if len(needle) >= _SHORTEST}


def find(secret: bytes, haystack: bytes) -> list[str]:
    """The forms in which the secret, its first or its last half is in there. Line breaks do not hide it."""
    return _find(secret, haystack, _joined(haystack))


def _joined(haystack: bytes) -> bytes:
    return re.sub(rb"(?:\\r)?(?:\\n)|[\r\n]", b"", haystack)


def _find(secret: bytes, haystack: bytes, joined: bytes) -> list[str]:
    half = max(len(secret) // 2, _SHORTEST)
    parts = {"all": secret, "first half": secret[:half], "last half": secret[-half:]}
    return [
        f"{part}: {form}"
        for part, piece in parts.items()
        for form, needle in forms(piece).items()
        if needle in haystack or needle in joined
    ]


class Traces:
    """What is in the files of a folder, but for those that are known to hold a secret; and in what else was seen.

    The same content is searched once, however many files have it.
    """

    def __init__(self, folder: Path, known: set[Path], **seen: bytes) -> None:
        self._places = {content: name for name, content in seen.items()}
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path not in known:
                for content in _contents(path.read_bytes()):
                    self._places.setdefault(content, str(path.relative_to(folder)))
        self._joined = {content: _joined(content) for content in self._places}

    def of(self, secret: bytes) -> list[str]:
        """Where the secret is, and in which forms."""
        return [
            f"{place} ({form})"
            for content, place in self._places.items()
            for form in _find(secret, content, self._joined[content])
        ]


def in_folder(secret: bytes, folder: Path, known: set[Path]) -> list[str]:
    """Where the secret is in the files of a folder, but for those that are known to hold it."""
    return Traces(folder, known).of(secret)


def _contents(data: bytes) -> Iterator[bytes]:
    """A file and, for the payload of a module, what is packed in it."""
    yield data
    for packed in re.findall(rb"[A-Za-z0-9+/]{400,}={0,2}", data):
        with (
            contextlib.suppress(ValueError, zipfile.BadZipFile),
            zipfile.ZipFile(io.BytesIO(base64.b64decode(packed))) as archive,
        ):
            for name in archive.namelist():
                yield archive.read(name)


class ProcessList:
    """What anybody on the machine could have seen of the processes, while it is entered."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    self.seen.add(path.read_bytes())
