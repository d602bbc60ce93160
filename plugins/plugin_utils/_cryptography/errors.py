# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Errors in key material."""

from __future__ import annotations

from ...module_utils._errors import Refusal

__all__ = ("KeyMaterialError",)


class KeyMaterialError(Refusal):
    """A message about key material. It contains nothing of the key material except lengths and kinds."""
