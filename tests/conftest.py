# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes ``ansible_collections.cloudkeys.aws`` importable, as ansible-test does it; and no test has a deadline."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import hypothesis

_ROOT = Path(__file__).resolve().parent.parent


def _load_collections() -> None:
    if any(type(finder).__name__ == "_AnsibleCollectionFinder" for finder in sys.meta_path):
        return
    os.environ.setdefault("ANSIBLE_COLLECTIONS_PATH", str(_ROOT / ".collections"))
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader()


def _forget_deadlines() -> None:
    """How fast the machine is says nothing about the code: neither a slow example nor slow data fails a test."""
    hypothesis.settings.register_profile(
        "any speed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    # For a run that repeats another one, with other libraries: what random examples find, the other one finds.
    hypothesis.settings.register_profile(
        "few examples", parent=hypothesis.settings.get_profile("any speed"), max_examples=10
    )
    hypothesis.settings.load_profile("any speed")


_load_collections()
_forget_deadlines()
