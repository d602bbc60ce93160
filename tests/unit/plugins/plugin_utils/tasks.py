# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a task that plugin utilities require."""

from __future__ import annotations

from types import SimpleNamespace


class Task(SimpleNamespace):
    """Unlike a plain namespace, a task can be a key of a dictionary."""

    __hash__ = object.__hash__
