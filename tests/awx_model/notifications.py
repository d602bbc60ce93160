# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notification templates: the parameters of each notification type."""

from __future__ import annotations

from typing import Any, Final

from .errors import Refused
from .store import Item

HIDDEN: Final = "$encrypted$"
_KINDS: Final[dict[str, type]] = {
    "string": str,
    "int": int,
    "bool": bool,
    "list": list,
    "password": str,
    "object": dict,
}
#: The type of each parameter, and its default if it has one.
_PARAMETERS: Final[dict[str, dict[str, tuple[Any, ...]]]] = {
    "email": {
        "host": ("string",),
        "port": ("int",),
        "username": ("string",),
        "password": ("password",),
        "use_tls": ("bool",),
        "use_ssl": ("bool",),
        "sender": ("string",),
        "recipients": ("list",),
        "timeout": ("int", 30),
    },
    "webhook": {
        "url": ("string",),
        "http_method": ("string", "POST"),
        "disable_ssl_verification": ("bool", False),
        "username": ("string", ""),
        "password": ("password", ""),
        "headers": ("object",),
    },
    "slack": {"token": ("password",), "channels": ("list",)},
    "mattermost": {"mattermost_url": ("string",), "mattermost_no_verify_ssl": ("bool",)},
    "rocketchat": {"rocketchat_url": ("string",), "rocketchat_no_verify_ssl": ("bool",)},
    "grafana": {"grafana_url": ("string",), "grafana_key": ("password",)},
    "pagerduty": {
        "subdomain": ("string",),
        "token": ("password",),
        "service_key": ("string",),
        "client_name": ("string",),
    },
    "twilio": {
        "account_sid": ("string",),
        "account_token": ("password",),
        "from_number": ("string",),
        "to_numbers": ("list",),
    },
    "irc": {
        "server": ("string",),
        "port": ("int",),
        "nickname": ("string",),
        "password": ("password",),
        "use_ssl": ("bool",),
        "targets": ("list",),
    },
    "awssns": {
        "aws_region": ("string", ""),
        "aws_access_key_id": ("string", ""),
        "aws_secret_access_key": ("password", ""),
        "aws_session_token": ("password", ""),
        "sns_topic_arn": ("string", ""),
    },
}


def shown_configuration(item: Item) -> dict[str, Any]:
    """The configuration, without passwords."""
    parameters = _PARAMETERS.get(item["notification_type"], {})
    return {
        name: HIDDEN if value and parameters.get(name, ("",))[0] == "password" else value
        for name, value in item.private["configuration"].items()
    }


def kept_configuration(kind: str, given: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """:raises Refused: AWX does not accept the configuration."""
    if kind not in _PARAMETERS:
        raise Refused(400, {"notification_type": [f'"{kind}" is not a valid choice.']})
    kept, missing, errors = dict(given), [], []
    for name, (expected, *default) in _PARAMETERS[kind].items():
        if name not in kept:
            if not default:
                missing.append(name)
                continue
            kept[name] = default[0]
        # In Python, a bool is also an int.
        if not isinstance(kept[name], _KINDS[expected]) or isinstance(kept[name], bool) != (_KINDS[expected] is bool):
            errors.append(f"Configuration field '{name}' incorrect type, expected {expected}.")
        elif expected == "list" and not kept[name]:
            errors.append(f"No values specified for field '{name}'")
        elif expected == "password" and kept[name] == HIDDEN and name in before:
            kept[name] = before[name]
        elif name == "http_method" and kept[name].lower() not in ("put", "post"):
            errors.append("HTTP method must be either 'POST' or 'PUT'.")
    if missing:
        errors.insert(0, f"Missing required fields for Notification Configuration: {missing}.")
    if errors:
        raise Refused(400, {"__all__": errors})
    return kept
