# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Helpers for the plan for AWX. Pure."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

__all__ = ("Json", "braces", "is_list")

Json = dict[str, t.Any]


def braces(expression: str) -> str:
    """Return *expression* as a template, which AWX or Ansible evaluates when a job runs."""
    return "{{ " + expression + " }}"


def is_list(value: t.Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))
