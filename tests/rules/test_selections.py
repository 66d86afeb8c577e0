"""Selections of several kinds: `active.json`, an account's profiles, names; pure, nothing is read."""

import pytest

from nucliactl.errors import Ambiguous, Malformed, UnknownProfile
from nucliactl.model.accounts import names_of_accounts, of_account
from nucliactl.model.definition import define
from nucliactl.model.names import names_in, stored_names
from nucliactl.model.profile import Definition, SecretRef, Source
from nucliactl.model.words import KindName
from nucliactl.profiles.selection import of_one_account
from nucliactl.resolver.named import of_each_kind
from nucliactl.store.active import Active

ADDRESS = {
    "kb": {"url": "https://z.dp.progress.cloud/api/v1/kb/x"},
    "nua": {"issuer": "https://z.dp.progress.cloud"},
    "user": {},
}


def profile(name: str, kind: KindName, account: str | None = None, slug: str | None = None) -> Definition:
    stated = {key: value for key, value in (("account", account), ("account_slug", slug)) if value}
    return define(name, kind, ADDRESS[kind] | stated, Source("store", name), SecretRef("store"))


def test_switching_to_several_is_one_selection_and_the_last_of_each_kind() -> None:
    before = Active("g-kb", None, {"kb": "g-kb", "user": "sam"})
    both = before.switched("a-kb,a-nua", {"kb": "a-kb", "nua": "a-nua"})
    assert both == Active("a-kb,a-nua", "g-kb", {"kb": "a-kb", "user": "sam", "nua": "a-nua"})
    assert both.names == ("a-kb", "a-nua")
    assert both.switched("a-kb, a-nua", {}).previous == "g-kb"  # the same selection, typed otherwise
    assert both.switched("a-kb", {"kb": "a-kb"}).previous == "a-kb,a-nua"


def test_a_login_keeps_the_selection_whose_first_it_renews() -> None:
    both = Active("a-kb,a-nua", "g", {"kb": "a-kb", "nua": "a-nua"})
    assert both.logged_in("a-kb", "kb") == both
    assert both.logged_in("a-nua", "nua")[:2] == ("a-nua", "a-kb,a-nua")


def test_a_selection_follows_renaming_and_deleting() -> None:
    both = Active("a,b", "b,c", {"kb": "a", "nua": "b"})
    assert both.renamed("b", "new") == Active("a,new", "new,c", {"kb": "a", "nua": "new"})
    assert both.renamed("b", None) == Active("a", "c", {"kb": "a"})
    assert both.renamed("a", None).renamed("b", None) == Active(None, "c", {})
    assert both.renamed("other", None) == both
    assert Active("ab", "ab").renamed("a", None) == Active("ab", "ab")


def test_nothing_is_switched_to_after_unset_and_there_is_a_way_back() -> None:
    both = Active("a,b", "c", {"kb": "a", "user": "u"})
    assert both.cleared() == Active(None, "a,b", {})
    assert both.cleared().cleared() == both.cleared()
    assert both.cleared().switched("d", {"kb": "d"}).previous == "a,b"


def test_names_are_split_and_checked() -> None:
    assert names_in(" a , b,,") == ("a", "b")
    assert stored_names("a, b", "use") == ("a", "b")
    for wrong in ("", " , ", "A", "env", "nuclia:kb", "a,env", "a,../b"):
        with pytest.raises(Malformed):
            stored_names(wrong, "use")


def test_two_of_one_kind_are_no_selection() -> None:
    kb, nua = profile("a", "kb"), profile("b", "nua")
    assert of_each_kind([kb, nua], "x") == {"kb": "a", "nua": "b"}
    for two in ([kb, nua, profile("c", "kb")], [kb, kb]):
        with pytest.raises(Ambiguous, match="a"):
            of_each_kind(two, "x")


ACME = [
    profile("acme-nua", "nua", "a1"),  # a key alone does not tell its account's slug
    profile("acme-kb", "kb", "a1", "acme"),
    profile("sam", "user", "a1", "acme"),
    profile("globex-kb", "kb", "g1", "globex"),
    profile("plain", "kb"),
]


def test_an_account_is_named_by_its_slug_or_id() -> None:
    for wanted in ("acme", "a1"):
        assert [one.name for one in of_account(ACME, wanted)] == ["acme-nua", "acme-kb", "sam"]
        chosen = of_one_account(ACME, wanted, {})
        assert [one.name for one in chosen] == ["acme-kb", "acme-nua", "sam"]
    assert names_of_accounts(ACME) == {"acme", "globex"}
    for wanted in ("nobody", "plain", ""):
        with pytest.raises(UnknownProfile):
            of_one_account(ACME, wanted, {})


def test_of_several_of_a_kind_the_last_used_counts_and_else_nobody_guesses() -> None:
    more = [*ACME, profile("acme-kb-write", "kb", "a1")]
    with pytest.raises(Ambiguous, match="acme-kb-write") as raised:
        of_one_account(more, "acme", {"kb": "globex-kb"})
    assert "nucliactl use acme-kb,acme-nua,sam" in raised.value.hint
    chosen = of_one_account(more, "acme", {"kb": "acme-kb-write", "nua": "gone"})
    assert [one.name for one in chosen] == ["acme-kb-write", "acme-nua", "sam"]


def test_a_slug_of_two_accounts_never_mixes_them() -> None:
    two = [profile("here", "kb", "a1", "acme"), profile("there", "nua", "a2", "acme")]
    with pytest.raises(Ambiguous, match="a1, a2") as raised:
        of_one_account(two, "acme", {})
    assert "nucliactl use --account a1" in raised.value.hint
    by_hand = [profile("here", "kb", "acme"), profile("there", "nua", "a2", "acme")]
    assert len(of_one_account(by_hand, "acme", {})) == 2  # somebody wrote the slug where the id belongs
