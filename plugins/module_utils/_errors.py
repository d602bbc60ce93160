# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The root of the collection's exceptions. Each is a sentence for the user."""

from __future__ import annotations

import typing as t

__all__ = ("CloudKeysError", "OptionError", "Refusal", "explain_fault")


class CloudKeysError(Exception):
    """Something failed: a sentence that says what is wrong, where, and what to do.

    :ivar details: what a result says beside the sentence.
    """

    def __init__(self, sentence: str, **details: t.Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details


class Refusal(CloudKeysError):
    """Something is not done, because it is wrong or not safe. Nothing was changed by it."""


class OptionError(Refusal):
    """An option cannot be meant, or not be had, as it is given. The sentence names the option, and no key."""


def explain_fault(error: Exception, what: str) -> str:
    """A sentence about what nobody foresaw, without its text, which may quote a secret.

    :param what: what failed, as the subject of the sentence.
    """
    # Not above: that is hardly ever needed.
    import traceback
    from pathlib import Path

    where = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"{what} failed with {type(error).__name__} in {where.name} ({Path(where.filename).name}, line"
        f" {where.lineno}). That is a fault of the collection, or of an endpoint that is not quite KMS. Report it."
    )
