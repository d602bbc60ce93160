# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cryptography library is installed and recent enough."""

from __future__ import annotations

import sys

import cryptography
import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.library import require_cryptography


@pytest.mark.parametrize("version", ["38.0.4", "38.0.10", "39.0", "100", "46.0.0rc1", "46.0.dev1"])
def test_new_enough(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(cryptography, "__version__", version)
    require_cryptography()


@pytest.mark.parametrize("version", ["38.0.3", "38.0", "9.0.0", "3.4.8"])
def test_too_old(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(cryptography, "__version__", version)
    with pytest.raises(CloudKeysError, match=f"has cryptography {version}, but .*38.0.4 or newer.*pip install"):
        require_cryptography()


def test_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(CloudKeysError, match="does not have cryptography"):
        require_cryptography()
