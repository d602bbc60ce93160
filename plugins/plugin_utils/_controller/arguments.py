# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""A task's arguments: the options of the action plugin, the secret ones, and the options of the target's module."""

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
# common.modules and region.modules), and the expected account.
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
# With until and retries, a task runs again without the options that were removed from it, and must be refused again.
_UNKNOWN: weakref.WeakKeyDictionary[t.Any, list[str]] = weakref.WeakKeyDictionary()


@dataclass(frozen=True)
class Arguments:
    """The arguments of a task, without unknown ones.

    :ivar options: the options of the action plugin, as the task sets them.
    :ivar secrets: the options of the action plugin whose values are secret.
    :ivar forwarded: the options that are passed to the module on the target.
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
    """Take the arguments, and remove the secrets from the task. Call this before anything that can fail, because a
    failed task displays its arguments.

    An option that neither the action plugin nor the module knows is refused here rather than on the target, and is also
    removed: the value of a misspelled option may be key material, which would be written to the target's disk.

    :param declared: the argument spec of the action plugin's options.
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
            f"Unsupported {'option' if len(unknown) == 1 else 'options'}: {', '.join(unknown)}. Supported options:"
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
    """Remove the options that are not *known* from *given*, and return their names."""
    unknown = sorted(set(given) - known) if isinstance(given, MutableMapping) else []
    for name in unknown:
        del given[name]
    return [within + name for name in unknown]


def _is_in(option: str, unknown: str) -> bool:
    return unknown.startswith(f"{option}[].")


def validate(options: Mapping[str, t.Any], declared: Mapping[str, Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """The options with their types and defaults, as in a module. Secrets are excluded.

    :param declared: an argument spec.
    :raises Refusal: the options are invalid, or a path is empty, which would be the current directory.
    """
    public = _without_secrets(declared)
    validated = ArgumentSpecValidator(public).validate(dict(options))
    if validated.error_messages:
        raise Refusal(" ".join(f"{message.rstrip('.')}." for message in validated.error_messages))
    parameters: dict[str, t.Any] = validated.validated_parameters
    empty = list(_empty_paths(parameters, public))
    if empty:
        raise Refusal(" ".join(f"{name} is empty. Name a file, or omit the option." for name in empty))
    return parameters


def _without_secrets(declared: Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {
        name: {**spec, "options": _without_secrets(spec["options"])} if "options" in spec else spec
        for name, spec in declared.items()
        if not spec.get("no_log")
    }


def _empty_paths(parameters: Mapping[str, t.Any], declared: Mapping[str, t.Any], within: str = "") -> Iterator[str]:
    """The options of type path that are set but empty, including those of list entries."""
    for name, spec in declared.items():
        value = parameters.get(name)
        if spec.get("type") == "path" and value is not None and not value.strip():
            yield within + name
        for entry in value if isinstance(value, list) and "options" in spec else ():
            yield from _empty_paths(entry, spec["options"], f"{within}{name}[].")


def declared_region(forwarded: Mapping[str, t.Any]) -> str | None:
    """The Region that the task itself sets."""
    return next((forwarded[name] for name in ("region", "aws_region") if forwarded.get(name)), None)


def region_of_key(key: str, forwarded: Mapping[str, t.Any]) -> str | None:
    """The Region to use for a key: that of a key ARN or alias ARN, which takes precedence over all settings; None for
    the task's.

    :raises Refusal: the task sets another Region.
    """
    return pinned_region((key,), declared_region(forwarded))
