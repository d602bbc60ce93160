# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The library for all cryptography, imported only when it is required: most runs of a fleet change nothing."""

from __future__ import annotations

import sys

from ...module_utils._errors import Refusal
from ...module_utils._versions import MINIMUM_CRYPTOGRAPHY_VERSION

__all__ = ("require_cryptography",)


def require_cryptography() -> None:
    """:raises Refusal: the library is missing or too old on the controller."""
    try:
        import cryptography
    except ImportError:
        found = "does not have cryptography"
    else:
        found = f"has cryptography {cryptography.__version__}"
        if _numbers(cryptography.__version__) >= _numbers(MINIMUM_CRYPTOGRAPHY_VERSION):
            return
    raise Refusal(
        f"The controller's Python, {sys.executable}, {found}, but reading and encrypting key material requires"
        f" cryptography {MINIMUM_CRYPTOGRAPHY_VERSION} or newer. Install it there: pip install"
        f" 'cryptography>={MINIMUM_CRYPTOGRAPHY_VERSION}'."
    )


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: a pre-release counts as its release."""
    numbers = []
    for part in version.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)
