# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages between controller and target arrive unchanged."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError, Refusal
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.errors import KmsError
from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.provenance import Provenance
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import (
    Action,
    Applied,
    Apply,
    Failure,
    GetParameters,
    GivenParameters,
    Imported,
    Look,
    Parameters,
    Request,
    Step,
    VerifyMac,
    Watch,
    may_download,
)

from .keys import NOW, SYMMETRIC


@pytest.mark.parametrize(
    ("request_", "may"),
    [
        (GetParameters("key", None, "RSAES_OAEP_SHA_256", "RSA_4096"), True),
        (Look("key", None, parameters="due"), True),
        (Look("key", None), False),
        (Apply("key", None, None, (Step("stage"), Step("rotate")), {}, None), False),
        (Watch("key", None, {}, 15), False),
    ],
    ids=str,
)
def test_what_may_download_import_parameters(request_: Request, may: bool) -> None:
    assert may_download(request_) is may


def test_which_actions_import() -> None:
    """Each of these actions sends a ciphertext and an import token."""
    assert [action for action in get_args(Action) if Step(action).imports] == ["import", "reimport", "stage"]


@given(st.lists(st.sampled_from(get_args(Action))), st.integers(0, 9))
def test_which_key_materials_kms_took(actions: list[Any], number: int) -> None:
    """The key materials of the imports before the first failure, which ends a run."""
    steps = [Step(action, place) for place, action in enumerate(actions)]
    importing = [step for step in steps if step.action in ("import", "reimport", "stage")][:number]
    imports = tuple(Imported(f"request {step.place}", None) for step in importing)
    taken = Applied(SYMMETRIC, NOW, Provenance("", ""), imports=imports).taken(steps)
    assert [step for step, _imported in taken] == importing
    assert all(imported.request_id == f"request {step.place}" for step, imported in taken)


@pytest.mark.parametrize("error", [CloudKeysError("A sentence."), Refusal("A sentence.")])
def test_a_failure_is_a_sentence(error: CloudKeysError) -> None:
    assert Failure.of(error) == Failure("A sentence.")
    assert Failure.of(error).code is None


def test_a_failure_of_kms_keeps_its_error() -> None:
    error = KmsError("DescribeKey", "NotFoundException", "No.", key="alias/payments", region="eu-central-1")
    assert Failure.of(error) == Failure(error.sentence, error.to_json())
    assert Failure.of(error).code == "NotFoundException"


@pytest.mark.parametrize(
    "message",
    [
        VerifyMac("key", None, b"message", b"a secret", "HMAC_SHA_256"),
        Apply("key", None, None, (), {}, None, (b"x", b"a secret"), (b"y", b"a secret")),
        GivenParameters(
            Parameters(b"key", b"a secret", NOW, "RSAES_OAEP_SHA_256", "RSA_4096"), NOW, Provenance("", "")
        ),
    ],
)
def test_what_is_secret_is_in_no_representation(message: Any) -> None:
    """An exception or a debugger can print a representation."""
    assert "a secret" not in repr(message)
