# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The base exceptions of the collection. Each contains a message for the user."""

from __future__ import annotations

import typing as t

__all__ = ("CloudKeysError", "OptionError", "Refusal", "explain_fault")


class CloudKeysError(Exception):
    """A failure: a message that names the problem, its location, and the remedy.

    :ivar details: further fields of the result.
    """

    def __init__(self, sentence: str, **details: t.Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details


class Refusal(CloudKeysError):
    """An operation that is not performed because it is wrong or unsafe. It changed nothing."""


class OptionError(Refusal):
    """An option with an invalid or impossible value. The message names the option, but no key."""


def explain_fault(error: Exception, what: str) -> str:
    """A message about an unexpected exception, without the exception's own text, which may quote a secret.

    :param what: the subject of the message.
    """
    # Imported here because it is rarely necessary.
    import traceback
    from pathlib import Path

    where = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"{what} failed with {type(error).__name__} in {where.name} ({Path(where.filename).name}, line"
        f" {where.lineno}). This is a bug in the collection, or the endpoint does not behave like KMS. Report it."
    )
