# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What the collection gives to templates: the results of filters, and which texts are templates themselves."""

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

# From ansible-core 2.19 on a text is a template only when it says so; before, unless it says that it is none.
_trust: Callable[[str], str] | None = getattr(ansible.template, "trust_as_template", None)


def as_template(text: str) -> str:
    """*text*, which is the collection's own, as a template."""
    return text if _trust is None else _trust(text)


def not_as_template(value: _Value) -> _Value:
    """*value*, in which there may be anybody's texts, such as descriptions and tags. None of them is a template."""
    if _trust is not None:
        return value
    # Deprecated where it is not needed.
    from ansible.utils.unsafe_proxy import wrap_var

    unsafe: _Value = wrap_var(value)
    return unsafe


def as_filter(function: Callable[_Parameters, _Value]) -> Callable[_Parameters, _Value]:
    """Decorates a filter of the collection, which has the name of *function*. Its results are no templates.

    :raises AnsibleFilterError: it raised a sentence of the collection; or was given something else than it takes.
    """

    @functools.wraps(function)
    def call(*arguments: _Parameters.args, **options: _Parameters.kwargs) -> _Value:
        try:
            return not_as_template(function(*arguments, **options))
        except CloudKeysError as error:
            raise AnsibleFilterError(f"cloudkeys.aws.{function.__name__}: {error.sentence}") from None
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            # Without its text, which may quote a value.
            raise AnsibleFilterError(
                f"cloudkeys.aws.{function.__name__} was given something else than its documentation says"
                f" ({type(error).__name__})."
            ) from None

    return call
