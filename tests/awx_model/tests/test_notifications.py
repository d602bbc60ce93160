# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWX's refusals of notification templates.

Source: awx/api/serializers.py (NotificationTemplateSerializer) and awx/main/notifications of AWX 24.6.2.dev.
"""

from __future__ import annotations

from typing import Any

import pytest

from .client import Client

_WEBHOOK: dict[str, Any] = {"url": "https://example.org", "headers": {}, "password": "hidden"}


def _given(configuration: dict[str, Any], kind: str = "webhook") -> dict[str, Any]:
    return {
        "name": "Failures",
        "organization": 1,
        "notification_type": kind,
        "notification_configuration": configuration,
    }


@pytest.mark.parametrize(
    ("configuration", "text"),
    [
        ({"url": "x"}, "Missing required fields for Notification Configuration: ['headers']."),
        ({**_WEBHOOK, "headers": "x"}, "Configuration field 'headers' incorrect type, expected object."),
        ({**_WEBHOOK, "http_method": "GET"}, "HTTP method must be either 'POST' or 'PUT'."),
    ],
    ids=["missing", "type", "method"],
)
def test_an_invalid_configuration_is_refused(client: Client, configuration: dict[str, Any], text: str) -> None:
    answer = client.refused(400, "POST", "notification_templates/", **_given(configuration))
    assert answer == {"__all__": [text]}


def test_types(client: Client) -> None:
    answer = client.refused(400, "POST", "notification_templates/", **_given({}, "pigeon"))
    assert answer == {"notification_type": ['"pigeon" is not a valid choice.']}
    answer = client.refused(400, "POST", "notification_templates/", **_given({"token": "x", "channels": []}, "slack"))
    assert answer == {"__all__": ["No values specified for field 'channels'"]}


def test_passwords_are_hidden_and_kept(client: Client) -> None:
    made = client.post("notification_templates/", **_given(_WEBHOOK))
    shown = made["notification_configuration"]
    assert (shown["password"], shown["http_method"]) == ("$encrypted$", "POST")
    client.change(f"notification_templates/{made['id']}/", notification_configuration=shown)
    stored = client.model.object("notification_templates", name="Failures")["notification_configuration"]
    assert stored == {**shown, "password": "hidden"}
