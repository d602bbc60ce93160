# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Who makes a report, and with which versions: what the controller knows of itself."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Mapping
from pathlib import Path

from ansible.release import __version__ as ansible_core
from yaml import safe_load

from .row import Json

__all__ = ("describe_maker",)

_COLLECTION = Path(__file__).resolve().parents[3]
_JOB = ("id", "template", "user", "workflow_id")


def describe_maker(job: Mapping[str, object]) -> Json:
    """Return the ``user`` of the operating system, the ``controller``, both versions, and the ``job``.

    What is not known is None.

    :param job: what AWX passed to its job: ``id``, ``template``, ``user`` and ``workflow_id``. Empty texts are unknown.
    """
    known = {name: None if job.get(name) in (None, "") else str(job[name]) for name in _JOB}
    return {
        "user": _user(),
        "controller": os.uname().nodename or None,
        "collection": _version(_COLLECTION),
        "ansible_core": ansible_core,
        "job": known if known["id"] is not None else None,
    }


def _user() -> str | None:
    """Not of LOGNAME or USER, which anyone can set. A container's user may have no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return None


def _version(collection: Path) -> str | None:
    """The version in the manifest of an installed collection, or in the galaxy.yml of a checkout."""
    try:
        manifest = json.loads((collection / "MANIFEST.json").read_text("utf-8"))
        return str(manifest["collection_info"]["version"])
    except FileNotFoundError:
        pass
    try:
        return str(safe_load((collection / "galaxy.yml").read_text("utf-8"))["version"])
    except FileNotFoundError:
        return None
