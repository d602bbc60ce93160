# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A task's arguments: which the action plugin reads, and which only the module on the target knows."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, MutableMapping

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...module_utils._errors import Refusal
from ...module_utils._kms.identifiers import pinned_region

__all__ = ("AWS_OPTIONS", "pin_region", "split_arguments", "validate")

# The options of every amazon.aws module, with their aliases (its doc fragments common.modules and region.modules).
AWS_OPTIONS = frozenset(
    {
        "access_key", "aws_access_key", "aws_access_key_id",
        "aws_ca_bundle",
        "aws_config",
        "debug_botocore_endpoint_logs",
        "endpoint_url", "aws_endpoint_url",
        "profile", "aws_profile",
        "region", "aws_region",
        "secret_key", "aws_secret_access_key", "aws_secret_key",
        "session_token", "aws_session_token",
        "validate_certs",
    }
)  # fmt: skip
_REGION_OPTIONS = ("region", "aws_region")


def split_arguments(
    args: MutableMapping[str, t.Any],
    declared: Mapping[str, Mapping[str, t.Any]],
    handed_on: frozenset[str] = AWS_OPTIONS,
) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """The options that the action plugin reads, by their argument spec, and those that are handed on to the module.

    An option that neither knows is refused here rather than on the target, and taken out of *args*: a misspelt name may
    have key material for its value, which would be written to the target's disk and shown with the failed task.

    :raises AnsibleActionFail: an unknown option.
    """
    own = {name for option, spec in declared.items() for name in (option, *spec.get("aliases", ()))}
    unknown = sorted(set(args) - own - handed_on)
    if unknown:
        for name in unknown:
            del args[name]
        raise AnsibleActionFail(
            f"Unsupported {'option' if len(unknown) == 1 else 'options'}: {', '.join(unknown)}. Supported are"
            f" {', '.join(sorted(declared))}"
            + (", and the options of amazon.aws modules, such as region and profile." if handed_on else ".")
        )
    return (
        {name: value for name, value in args.items() if name in own},
        {name: value for name, value in args.items() if name not in own},
    )


def validate(options: Mapping[str, t.Any], declared: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The options with their types and defaults, as a module would see them.

    :param declared: an argument spec.
    :raises AnsibleActionFail: what is wrong with them; an empty path, too, which would be the current folder.
    """
    validated = ArgumentSpecValidator(declared).validate(dict(options))
    if validated.error_messages:
        raise AnsibleActionFail(" ".join(f"{message.rstrip('.')}." for message in validated.error_messages))
    parameters: dict[str, t.Any] = validated.validated_parameters
    empty = list(_empty_paths(parameters, declared))
    if empty:
        raise AnsibleActionFail(" ".join(f"{name} is empty. Name a file, or leave the option out." for name in empty))
    return parameters


def _empty_paths(parameters: Mapping[str, t.Any], declared: Mapping[str, t.Any], within: str = "") -> Iterator[str]:
    """The options of type path that are there and name nothing, those of entries in lists included."""
    for name, spec in declared.items():
        value = parameters.get(name)
        if spec.get("type") == "path" and value is not None and not value.strip():
            yield within + name
        for entry in value if isinstance(value, list) and "options" in spec else ():
            yield from _empty_paths(entry, spec["options"], f"{within}{name}[].")


def pin_region(key: str, forwarded: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The module's arguments with the Region of a key ARN or alias ARN, whatever else would have set one.

    :raises AnsibleActionFail: the task names another Region.
    """
    named = next((forwarded[name] for name in _REGION_OPTIONS if forwarded.get(name)), None)
    try:
        of_key = pinned_region((key,), named)
    except Refusal as refusal:
        raise AnsibleActionFail(refusal.sentence) from None
    if of_key is None:
        return dict(forwarded)
    return {**{name: value for name, value in forwarded.items() if name not in _REGION_OPTIONS}, "region": of_key}
