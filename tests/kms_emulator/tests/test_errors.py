# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors: their HTTP status, the ones that botocore has classes for, and the precedence of AccessDenied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from support.external_key import ExternalKey
from support.materials import SYMMETRIC, new_material

from .answers import UNSOURCED, refused
from .test_aliases_and_identifiers import IMPORT, PARAMETERS

if TYPE_CHECKING:
    from support.emulator import Control

IMPORT_CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "GetParametersForImport": ("get_parameters_for_import", PARAMETERS),
    "ImportKeyMaterial": ("import_key_material", IMPORT),
    "DeleteImportedKeyMaterial": ("delete_imported_key_material", {}),
}


@pytest.mark.parametrize("operation", IMPORT_CALLS)
@pytest.mark.parametrize("code", ["DependencyTimeoutException", "KMSInternalException"])
def test_errors_on_kms_side_have_status_500(kms: Any, control: Control, operation: str, code: str) -> None:
    """Documented: API reference, errors of the three operations."""
    key = ExternalKey.create(kms)
    control.faults([{"operation": operation, "error": code, "times": 1}])
    call, request = IMPORT_CALLS[operation]
    with refused(code, UNSOURCED, status=500):
        getattr(kms, call)(KeyId=key.arn, **request)


@pytest.mark.parametrize("operation", IMPORT_CALLS)
@pytest.mark.parametrize("code", ["NotFoundException", "KMSInvalidStateException", "ThrottlingException"])
def test_errors_on_the_clients_side_have_status_400(kms: Any, control: Control, operation: str, code: str) -> None:
    """Documented: API reference, errors of the three operations; Throttling requests."""
    key = ExternalKey.create(kms)
    control.faults([{"operation": operation, "error": code, "times": 1}])
    call, request = IMPORT_CALLS[operation]
    with refused(code, UNSOURCED, status=400):
        getattr(kms, call)(KeyId=key.arn, **request)


@pytest.mark.parametrize(
    "operation",
    [*IMPORT_CALLS, "DescribeKey", "CreateKey", "ListKeyRotations", "RotateKeyOnDemand", "GetPublicKey", "VerifyMac"],
)
def test_a_denied_action(kms: Any, control: Control, operation: str) -> None:
    """Documented: Common errors, AccessDeniedException; text observed: stackd rotation.json, condition_numeric_omitted.

    The text names the action. The HTTP status of KMS has no source, so the test checks only the code and the action.
    """
    key = {"KeyId": ExternalKey.create(kms).arn}
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        **{name: (call, key | request) for name, (call, request) in IMPORT_CALLS.items()},
        "CreateKey": ("create_key", {"Origin": "EXTERNAL"}),
        "DescribeKey": ("describe_key", key),
        "ListKeyRotations": ("list_key_rotations", key),
        "RotateKeyOnDemand": ("rotate_key_on_demand", key),
        "GetPublicKey": ("get_public_key", key),
        "VerifyMac": ("verify_mac", key | {"Message": b"m", "Mac": b"m", "MacAlgorithm": "HMAC_SHA_256"}),
    }
    control.denied([operation])
    call, request = calls[operation]
    with pytest.raises(ClientError) as caught:
        getattr(kms, call)(**request)
    error = caught.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    assert f"kms:{operation}" in error["Message"]
    control.denied([])
    kms.create_key(Origin="EXTERNAL")


def test_a_denied_import_changes_nothing(kms: Any, control: Control) -> None:
    """Documented: KMS evaluates policies before the operation."""
    key = ExternalKey.create(kms)
    before = key.describe()
    control.denied(["ImportKeyMaterial"])
    with pytest.raises(ClientError):
        key.put(new_material(SYMMETRIC))
    assert key.describe() == before


def test_which_errors_the_client_library_has_classes_for(kms: Any) -> None:
    """Documented: API model. ValidationException, AccessDeniedException and ThrottlingException are not in it."""
    modelled = {
        "DependencyTimeoutException",
        "ExpiredImportTokenException",
        "IncorrectKeyMaterialException",
        "InvalidArnException",
        "InvalidCiphertextException",
        "InvalidImportTokenException",
        "KMSInternalException",
        "KMSInvalidStateException",
        "NotFoundException",
        "UnsupportedOperationException",
        "LimitExceededException",
        "DisabledException",
    }
    assert all(hasattr(kms.exceptions, code) for code in modelled)
    for code in ("ValidationException", "AccessDeniedException", "ThrottlingException"):
        with pytest.raises(AttributeError):
            getattr(kms.exceptions, code)


def test_there_are_no_waiters(kms: Any) -> None:
    """Documented: API model: clients have to poll."""
    assert kms.waiter_names == []
