# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A task's arguments: which the action plugin reads, which are secret, and which only the target's module knows."""

from __future__ import annotations

import typing as t
import weakref
from collections.abc import Iterator, Mapping, MutableMapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...module_utils._errors import Refusal
from ...module_utils._kms.identifiers import pinned_region
from .secrets import refuse_logged, refuse_unusable, take_secrets

__all__ = ("AWS_OPTIONS", "Arguments", "declared_region", "region_of_key", "take_arguments", "validate")

# The options of every module here that calls AWS, with their aliases: those of amazon.aws modules (its doc fragments
# common.modules and region.modules), and the account.
AWS_OPTIONS = frozenset(
    {
        "access_key", "aws_access_key", "aws_access_key_id",
        "aws_ca_bundle",
        "aws_config",
        "debug_botocore_endpoint_logs",
        "endpoint_url", "aws_endpoint_url",
        "expected_account_id",
        "profile", "aws_profile",
        "region", "aws_region",
        "secret_key", "aws_secret_access_key", "aws_secret_key",
        "session_token", "aws_session_token",
        "validate_certs",
    }
)  # fmt: skip
# With until and retries a task is run again without the options that were taken out of it, and is to be refused again.
_UNKNOWN: weakref.WeakKeyDictionary[t.Any, list[str]] = weakref.WeakKeyDictionary()


@dataclass(frozen=True)
class Arguments:
    """The arguments of a task, none of which is unknown.

    :ivar options: those that the action plugin reads, as the task gives them.
    :ivar secrets: those that it reads and whose values are secret.
    :ivar forwarded: those that are handed on to the module on the target.
    """

    options: Mapping[str, t.Any]
    secrets: Mapping[str, t.Any] = field(repr=False)
    forwarded: Mapping[str, t.Any]

    def given(self, validated: Mapping[str, t.Any]) -> set[str]:
        """The names of the options that are set, by their validated values and the secrets."""
        return {
            name for name, value in {**validated, **self.secrets}.items() if value is not None and value is not False
        }


def take_arguments(
    task: t.Any, declared: Mapping[str, Mapping[str, t.Any]], handed_on: frozenset[str] = AWS_OPTIONS
) -> Arguments:
    """Comes before anything that could fail: a failed task shows its arguments. So the secrets are taken out of them.

    An option that neither the action plugin nor the module knows is refused here rather than on the target, and taken
    out, too: a misspelt name may have key material for its value, which would be written to the target's disk.

    :param declared: the argument spec of the options that the action plugin reads.
    :raises Refusal: an unknown option, an empty secret, or a secret in a task without no_log.
    """
    secrets = take_secrets(task)
    args: MutableMapping[str, t.Any] = task.args
    own = {name for option, spec in declared.items() for name in (option, *spec.get("aliases", ()))}
    unknown = _UNKNOWN.setdefault(task, [])
    unknown += _take_unknown(args, own | handed_on)
    for option, spec in declared.items():
        entries = args.get(option) if "options" in spec else None
        for entry in entries if isinstance(entries, list) else ():
            unknown += _take_unknown(entry, set(spec["options"]), f"{option}[].")
    of_others = {name.partition("[")[0] for name in secrets} - own
    unknown += sorted(of_others.difference(unknown))
    if unknown:
        within = [spec["options"] for option, spec in declared.items() if all(_is_in(option, one) for one in unknown)]
        supported = within[0] if within else declared
        raise Refusal(
            f"Unsupported {'option' if len(unknown) == 1 else 'options'}: {', '.join(unknown)}. Supported are"
            f" {', '.join(sorted(supported))}"
            + (
                ", and the options of amazon.aws modules, such as region and profile."
                if handed_on and supported is declared
                else "."
            )
        )
    refuse_unusable(secrets)
    refuse_logged(secrets, bool(task.no_log))
    return Arguments(
        options={name: value for name, value in args.items() if name in own},
        secrets=secrets,
        forwarded={name: value for name, value in args.items() if name not in own},
    )


def _take_unknown(given: t.Any, known: AbstractSet[str], within: str = "") -> list[str]:
    """Takes the options that are not *known* out of *given*, and returns their names."""
    unknown = sorted(set(given) - known) if isinstance(given, MutableMapping) else []
    for name in unknown:
        del given[name]
    return [within + name for name in unknown]


def _is_in(option: str, unknown: str) -> bool:
    return unknown.startswith(f"{option}[].")


def validate(options: Mapping[str, t.Any], declared: Mapping[str, Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """The options with their types and defaults, as a module would see them. Secrets are not among them.

    :param declared: an argument spec.
    :raises Refusal: what is wrong with them; an empty path, too, which would be the current folder.
    """
    public = _without_secrets(declared)
    validated = ArgumentSpecValidator(public).validate(dict(options))
    if validated.error_messages:
        raise Refusal(" ".join(f"{message.rstrip('.')}." for message in validated.error_messages))
    parameters: dict[str, t.Any] = validated.validated_parameters
    empty = list(_empty_paths(parameters, public))
    if empty:
        raise Refusal(" ".join(f"{name} is empty. Name a file, or leave the option out." for name in empty))
    return parameters


def _without_secrets(declared: Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {
        name: {**spec, "options": _without_secrets(spec["options"])} if "options" in spec else spec
        for name, spec in declared.items()
        if not spec.get("no_log")
    }


def _empty_paths(parameters: Mapping[str, t.Any], declared: Mapping[str, t.Any], within: str = "") -> Iterator[str]:
    """The options of type path that are there and name nothing, those of entries in lists included."""
    for name, spec in declared.items():
        value = parameters.get(name)
        if spec.get("type") == "path" and value is not None and not value.strip():
            yield within + name
        for entry in value if isinstance(value, list) and "options" in spec else ():
            yield from _empty_paths(entry, spec["options"], f"{within}{name}[].")


def declared_region(forwarded: Mapping[str, t.Any]) -> str | None:
    """The Region that the task itself names."""
    return next((forwarded[name] for name in ("region", "aws_region") if forwarded.get(name)), None)


def region_of_key(key: str, forwarded: Mapping[str, t.Any]) -> str | None:
    """The Region to ask for a key: that of a key ARN or alias ARN, whatever else would set one; None for the task's.

    :raises Refusal: the task names another Region.
    """
    return pinned_region((key,), declared_region(forwarded))
