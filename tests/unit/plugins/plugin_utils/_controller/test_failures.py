# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An exception of the collection fails the task. The result contains only its message and no other details."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.cloudkeys.aws.plugins.module_utils._errors import CloudKeysError, Refusal
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._bundle.file import BundleError
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.failures import failing_the_task
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._cryptography.errors import KeyMaterialError


@failing_the_task
def run(error: Exception | None) -> str:
    if error is not None:
        raise error
    return "the result"


@pytest.mark.parametrize("kind", [CloudKeysError, Refusal, BundleError, KeyMaterialError])
def test_everything_of_one_root(kind: type[CloudKeysError]) -> None:
    with pytest.raises(AnsibleActionFail, match=r"^Something is wrong\. Mend it\.") as caught:
        run(kind("Something is wrong. Mend it."))
    assert caught.value.__context__ is None, "its traceback would be in the result"


def test_what_went_well() -> None:
    assert run(None) == "the result"


def test_mistakes_of_the_code_are_no_sentences_for_users() -> None:
    with pytest.raises(KeyError):
        run(KeyError("key"))
