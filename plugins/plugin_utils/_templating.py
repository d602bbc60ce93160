# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The collection's values in templates: the results of filters, and which texts are templates themselves."""

from __future__ import annotations

import functools
import typing as t
from collections.abc import Callable

import ansible.template
from ansible.errors import AnsibleFilterError

from ..module_utils._errors import CloudKeysError

__all__ = ("as_filter", "as_template", "not_as_template")

_Value = t.TypeVar("_Value")
_Parameters = t.ParamSpec("_Parameters")

# Since ansible-core 2.19, text is a template only if it is marked as one; before, unless it is marked as unsafe.
_trust: Callable[[str], str] | None = getattr(ansible.template, "trust_as_template", None)


def as_template(text: str) -> str:
    """*text*, which is the collection's own, marked as a template."""
    return text if _trust is None else _trust(text)


def not_as_template(value: _Value) -> _Value:
    """*value*, which may contain text of other users, such as descriptions and tags, with no text as a template."""
    if _trust is not None:
        return value
    # Deprecated in versions that do not need it.
    from ansible.utils.unsafe_proxy import wrap_var

    unsafe: _Value = wrap_var(value)
    return unsafe


def as_filter(function: Callable[_Parameters, _Value]) -> Callable[_Parameters, _Value]:
    """Decorate a filter of the collection with the name of *function*. Its results are not templates.

    :raises AnsibleFilterError: the filter raised an error of the collection, or received invalid arguments.
    """

    @functools.wraps(function)
    def call(*arguments: _Parameters.args, **options: _Parameters.kwargs) -> _Value:
        try:
            return not_as_template(function(*arguments, **options))
        except CloudKeysError as error:
            raise AnsibleFilterError(f"cloudkeys.aws.{function.__name__}: {error.sentence}") from None
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            # Its text is omitted because it may quote a value.
            raise AnsibleFilterError(
                f"cloudkeys.aws.{function.__name__} received arguments that do not match its documentation"
                f" ({type(error).__name__}). Correct the arguments."
            ) from None

    return call
