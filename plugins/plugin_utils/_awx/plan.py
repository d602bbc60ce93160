# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Everything that AWX is to have, as one plan of names and fields. Pure."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...module_utils._errors import Refusal
from ...module_utils._material.options import PREVIOUS
from .accounts import Account, read_accounts
from .canary_keys import CanaryKey, read_canaries
from .ceremony_keys import CeremonyKey, read_ceremony_keys
from .credential_types import ACCOUNTS, CEREMONY, accounts_type, ceremony_type, key_material_types
from .inventory import make_inventory
from .job_templates import EXPORT, RENEW, REPORT, TITLES, Choices, inventory_variables, make_job_templates
from .keys import FILES, Field, KeyEntry, is_path_of_field, read_keys, same_fields
from .values import Json, is_list
from .workflows import SCHEDULES, TIME, WORKFLOWS, make_schedules, make_workflows

__all__ = ("DEFAULTS", "make_plan")

_VAULT = "Vault"
# The modules of awx.awx mistake a number for an ID.
_PREFIX = re.compile(r"(?!\d+$)[A-Za-z0-9][A-Za-z0-9 ._-]{0,60}")
# AWX's API separates names by commas.
_NAME = re.compile(r"[^,]{1,512}")
_DURATION = re.compile(r"(?:\d+[wdhms])+")
_TIMEZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")
_MOST_DAYS = 364


def _matches(pattern: re.Pattern[str]) -> t.Callable[[t.Any], bool]:
    return lambda value: pattern.fullmatch(str(value)) is not None


def _is_time(value: t.Any) -> bool:
    return value == "never" or TIME.fullmatch(str(value)) is not None


def _is_number(least: int, most: int) -> t.Callable[[t.Any], bool]:
    # Older releases of ansible-core convert numbers to text.
    return lambda value: str(value).isascii() and str(value).isdigit() and least <= int(value) <= most


DEFAULTS: Json = {
    "prefix": "cloudkeys",
    "keys": [],
    "canary_keys": [],
    "ceremony_keys": [],
    "valid_for": "90d",
    "renew_within_days": 30,
    "fail_within_days": 14,
    "renewal_time": "02:30",
    "report_time": "05:30",
    "timezone": "UTC",
    "approval_timeout": 86400,
    "job_slices": 1,
    "notification_templates": [],
}
"""The defaults of the variables."""

_SETTINGS: tuple[tuple[str, t.Callable[[t.Any], bool], str], ...] = (
    ("prefix", _matches(_PREFIX), "a text of letters, digits, spaces, dots, underscores and hyphens, not a number"),
    ("organization", _matches(_NAME), "a name without a comma"),
    ("project", _matches(_NAME), "a name without a comma"),
    ("execution_environment", _matches(_NAME), "a name without a comma"),
    ("valid_for", _matches(_DURATION), "a duration, such as 90d"),
    ("renew_within_days", _is_number(1, _MOST_DAYS), f"a whole number of days from 1 to {_MOST_DAYS}"),
    ("fail_within_days", _is_number(1, _MOST_DAYS), f"a whole number of days from 1 to {_MOST_DAYS}"),
    ("renewal_time", _is_time, 'a time of day in quotes, such as "02:30", or never'),
    ("report_time", _is_time, 'a time of day in quotes, such as "05:30", or never'),
    ("timezone", _matches(_TIMEZONE), "the name of a time zone, such as Europe/Berlin"),
    # AWX's module does not send 0, which would disable the timeout.
    ("approval_timeout", _is_number(1, 2**31 - 1), "a whole number of seconds, at least 1"),
    ("job_slices", _is_number(1, 1000), "a whole number, at least 1"),
    ("notification_templates", is_list, "a list of names"),
)
"""The condition for each setting, and its description."""


@dataclass(frozen=True)
class _Read:
    accounts: tuple[Account, ...]
    keys: tuple[KeyEntry, ...]
    canaries: tuple[CanaryKey, ...]
    ceremonies: tuple[CeremonyKey, ...]

    def with_material(self) -> Iterator[KeyEntry | CanaryKey]:
        yield from self.keys
        yield from self.canaries

    def fields(self) -> list[Field]:
        return [one for entry in self.with_material() for one in entry.fields]


def make_plan(settings: Mapping[str, t.Any]) -> Json:
    """Return the objects that AWX must have, by resource of the AWX API. Every name begins with the prefix.

    :param settings: the variables of the role ``awx_setup``, without its prefix. None and '' count as omitted.
    :raises Refusal: with all faults of the settings.
    """
    given = DEFAULTS | {name: value for name, value in settings.items() if value is not None and value != ""}
    read, faults = _read(given)
    faults += _faults(given)
    if faults:
        raise Refusal(" ".join([*faults, "No request was sent to AWX."]))
    return _named(given, _plan(given, read))


def _read(given: Mapping[str, t.Any]) -> tuple[_Read, list[str]]:
    accounts, faults = read_accounts(given.get("accounts"))
    if faults:
        # Otherwise, every entry for an invalid account would be reported as well.
        return _Read((), (), (), ()), faults
    keys, wrong = read_keys(given["keys"], accounts)
    canaries, wrong_canaries = read_canaries(given["canary_keys"], accounts)
    ceremonies, wrong_ceremonies = read_ceremony_keys(given["ceremony_keys"], accounts)
    faults = [*wrong, *wrong_canaries, *wrong_ceremonies]
    read = _Read(accounts, keys, canaries, ceremonies)
    fields = read.fields()
    faults += same_fields(fields)
    taken = sorted(
        {one.credential for one in fields if one.credential.lower() in (ACCOUNTS.lower(), CEREMONY, "vault")}
    )
    faults += [f"A credential for key material cannot have the title {title}, which is reserved." for title in taken]
    if given.get("aws_credential") and any(account.profile for account in accounts):
        faults.append(
            "awx_setup_aws_credential is a credential for one account, and boto3 does not combine it with a profile."
            " Omit either the profiles in awx_setup_accounts or awx_setup_aws_credential."
        )
    return read, faults


def _faults(given: Mapping[str, t.Any]) -> list[str]:
    """Return a sentence for each invalid setting."""
    wrong = [(name, must_be) for name, right, must_be in _SETTINGS if name in given and not right(given[name])]
    return [*_faults_of_places(given), *(f"awx_setup_{name} must be {must_be}." for name, must_be in wrong)]


def _faults_of_places(given: Mapping[str, t.Any]) -> Iterator[str]:
    for thing, own, its in (
        ("an execution environment", "execution_environment_image", "execution_environment"),
        ("a project", "project_url", "project"),
    ):
        if (own in given) == (its in given):
            yield (f"Set either awx_setup_{own}, to create {thing}, or awx_setup_{its}, the name of an existing one.")


def _plan(given: Mapping[str, t.Any], read: _Read) -> Json:
    fields = read.fields()
    own_accounts = "aws_credential" not in given
    types = [
        *key_material_types(fields),
        *([accounts_type()] if own_accounts else []),
        *([ceremony_type(read.ceremonies)] if read.ceremonies else []),
    ]
    choices = Choices(
        material=tuple(dict.fromkeys(one.credential for one in fields)),
        vault=_needs_vault(given, read),
        own_accounts=own_accounts,
        valid_for=str(given["valid_for"]),
        renew_within_days=int(given["renew_within_days"]),
        fail_within_days=int(given["fail_within_days"]),
        slices=int(given["job_slices"]),
    )
    templates = list(make_job_templates(choices, read.keys, read.canaries, read.ceremonies))
    titles = [template["title"] for template in templates]
    survey: list[Json] = next(
        (template["survey"]["spec"][:1] for template in templates if template["title"] == EXPORT), []
    )
    times = {RENEW: str(given["renewal_time"]), REPORT: str(given["report_time"])}
    return {
        "credential_types": types,
        "vault": choices.vault,
        "inventory": make_inventory(
            read.accounts, read.keys, read.canaries, read.ceremonies, inventory_variables(choices, templates)
        ),
        "job_templates": templates,
        "workflows": list(make_workflows(titles, int(given["approval_timeout"]), survey)),
        "schedules": list(make_schedules(titles, times, str(given["timezone"]))),
    }


def _needs_vault(given: Mapping[str, t.Any], read: _Read) -> bool:
    """Return whether files of the project contain key material, which must be encrypted with Ansible Vault."""
    copies: list[Json] = [
        copy for entry in read.with_material() for copy in (entry.options, *entry.options.get(PREVIOUS, ()))
    ]
    files = [copy[name] for copy in copies for name in FILES if name in copy]
    return "vault_id" in given or any(not is_path_of_field(file) for file in files)


def _named(given: Mapping[str, t.Any], plan: Json) -> Json:
    """Return the plan with the names of the AWX objects instead of titles."""
    prefix = str(given["prefix"])

    def name(title: str) -> str:
        return f"{prefix}: {title}"

    def credentials(titles: list[str]) -> list[str]:
        others = [given["aws_credential"]] if "aws_credential" in given else []
        return [*map(name, titles), *others]

    return {
        "execution_environment": given.get("execution_environment", prefix),
        "project": given.get("project", prefix),
        "credential_types": [
            {**{key: value for key, value in one.items() if key != "title"}, "name": name(one["title"])}
            for one in plan["credential_types"]
        ],
        "credentials": [
            *({"name": name(one["title"]), "type": name(one["title"])} for one in plan["credential_types"]),
            *([{"name": name(_VAULT), "type": _VAULT}] if plan["vault"] else []),
        ],
        "fields": _fields_to_fill(plan, name),
        "inventory": {"name": name("accounts"), **plan["inventory"]},
        "keys_inventory": name("keys"),
        "accounts_credential": given.get("aws_credential", name(ACCOUNTS)),
        "notification": name("failures"),
        "job_templates": [
            {**one, "name": name(one["title"]), "credentials": credentials(one["credentials"])}
            for one in plan["job_templates"]
        ],
        "workflows": [
            {
                **one,
                "name": name(one["title"]),
                "nodes": [
                    {**node, **({"job_template": name(node["job_template"])} if "job_template" in node else {})}
                    for node in one["nodes"]
                ],
            }
            for one in plan["workflows"]
        ],
        "schedules": [
            {**one, "name": name(one["title"]), "job_template": name(one["job_template"])} for one in plan["schedules"]
        ],
        "not_needed": {
            "job_templates": [name(title) for title in TITLES if title not in _titles(plan["job_templates"])],
            "workflows": [name(title) for title in WORKFLOWS if title not in _titles(plan["workflows"])],
            "schedules": [name(title) for title in SCHEDULES if title not in _titles(plan["schedules"])],
        },
    }


def _fields_to_fill(plan: Json, name: Callable[[str], str]) -> list[Json]:
    """Return the fields of all credentials, for :func:`.existing.unfilled_fields`."""
    fields = [
        {
            "name": name(one["title"]),
            # An AWS configuration can be in either file.
            "inputs": {
                "fields": [
                    {**field, **({"one_of": ACCOUNTS} if one["title"] == ACCOUNTS else {})}
                    for field in one["inputs"]["fields"]
                ]
            },
        }
        for one in plan["credential_types"]
    ]
    password = {"fields": [{"id": "vault_password", "label": "Vault password"}]}
    return [*fields, *([{"name": name(_VAULT), "inputs": password}] if plan["vault"] else [])]


def _titles(things: Sequence[Json]) -> list[str]:
    return [one["title"] for one in things]
