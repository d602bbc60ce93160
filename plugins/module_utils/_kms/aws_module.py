# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The AnsibleAWSModule of this collection, with the required version of botocore and its own user agent."""

from __future__ import annotations

import os
import sys
import typing as t
import weakref

from ansible_collections.amazon.aws.plugins.module_utils.common import set_collection_info
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from .._errors import CloudKeysError, Refusal
from .._versions import (
    COLLECTION_NAME,
    COLLECTION_VERSION,
    MINIMUM_BOTOCORE_VERSION,
)
from .account import EXPECTED_ACCOUNT, Caller, expected_account, refuse_caller, refuse_named_key
from .client import Kms, client_config
from .identifiers import pinned_region, refuse_region
from .provenance import Provenance, provenance_of
from .traffic import Traffic

__all__ = ("fail", "make_kms", "make_module", "region_of_keys")

# One for the process: a task uses one account, even with several Regions and clients.
_TRAFFIC = Traffic()
# The caller of a task is the same in every Region, so STS is called only once.
_CALLERS: weakref.WeakKeyDictionary[AnsibleAWSModule, Caller] = weakref.WeakKeyDictionary()


def make_module(argument_spec: dict[str, t.Any], **keywords: t.Any) -> AnsibleAWSModule:
    """Create the module; fail with a clear message if boto3 is missing or botocore is too old on this target.

    It has its own options and those shared by all modules here that call AWS.
    """
    set_collection_info(collection_name=COLLECTION_NAME, collection_version=COLLECTION_VERSION)
    module = AnsibleAWSModule(argument_spec={**EXPECTED_ACCOUNT, **argument_spec}, **keywords)
    try:
        expected_account(module.params["expected_account_id"])
    except Refusal as refusal:
        fail(module, refusal)
    if not module.botocore_at_least(MINIMUM_BOTOCORE_VERSION):
        import botocore

        module.fail_json(
            msg=(
                f"The target's Python, {sys.executable}, has botocore {botocore.__version__}; {COLLECTION_NAME} needs"
                f" {MINIMUM_BOTOCORE_VERSION} or newer, the first with the parameters ImportType and KeyMaterialId of"
                f" ImportKeyMaterial. Install it there (pip install 'botocore>={MINIMUM_BOTOCORE_VERSION}' boto3), or"
                " set ansible_python_interpreter to a Python that has it."
            )
        )
    return module


def make_kms(module: AnsibleAWSModule, region: str | None = None, traffic: Traffic = _TRAFFIC) -> Kms:
    """A KMS client for the task's connection options.

    A single thread must create all clients: boto3 clients can be shared between threads, but the session that creates
    them cannot (boto3 guide, "Multithreading or multiprocessing with clients").

    :param region: None for the task's Region.
    :param traffic: set it to avoid the default, shared by all modules, which keeps to AWS's default quotas.
    :raises Refusal: the Region is missing or its name is invalid (AnsibleAWSModule would end the module), or the
        credentials cannot be confirmed to belong to the account that the task expects.
    """
    refuse_region(region or module.region, module.params["profile"])
    in_region = {} if region is None else {"region": region}
    client = module.client("kms", config=client_config(), **in_region)
    certificates = "unverified"
    if module.params["validate_certs"]:
        certificates = module.params["aws_ca_bundle"] or "verified"
    provenance = provenance_of(client, certificates)
    account = module.params["expected_account_id"]
    if account is not None:
        if module not in _CALLERS:
            _CALLERS[module] = _ask_caller(module, provenance, in_region)
        refuse_caller(_CALLERS[module], account)
    return Kms(client, provenance=provenance, traffic=traffic, expected_account=account)


def _ask_caller(module: AnsibleAWSModule, kms: Provenance, in_region: t.Mapping[str, t.Any]) -> Caller:
    """:param kms: how responses from KMS reach the target.
    :raises Refusal: the caller cannot be determined.
    """
    # Imported here because few tasks need it.
    from .caller import ask_caller, sts_client

    def make(endpoint: str | None, config: t.Any) -> t.Any:
        return module.client("sts", endpoint=endpoint, config=config, **in_region)

    return ask_caller(sts_client(make, kms))


def region_of_keys(module: AnsibleAWSModule, keys: t.Sequence[str], option: str = "key_id") -> str | None:
    """The Region for the KMS client when the task names these *keys*; None for the task's own Region.

    :param option: the option that names the keys, for messages.
    :raises Refusal: the keys are in different Regions, or one is in another account than the task expects.
    """
    for key in keys:
        refuse_named_key(key, module.params["expected_account_id"], option)
    region = module.params["region"]
    # The environment may set any Region. It does not refer to this key.
    declared = None if region in (os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION")) else region
    return pinned_region(keys, declared, lambda: module.region, option)


def fail(module: AnsibleAWSModule, error: CloudKeysError, **result: t.Any) -> t.NoReturn:
    """End the module with the error's message, and add the error's details and *result* to the result."""
    module.fail_json(msg=error.sentence, **{**result, **error.details})
    raise error  # Never reached: fail_json exits, but the types of AnsibleAWSModule do not declare that.
