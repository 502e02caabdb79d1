"""Settings name classes of others as ``module:Class``, with options; whatever is wrong with them is one line."""

from __future__ import annotations

import warnings

import pytest

from assistant.errors import SettingsError, StoreError
from assistant.system.named_class import accepted_options, create, names_class, public, resolved
from tests.support.named_classes import PLACE, Client, Holder, Other, WarningHolder

CLIENT = {"class": f"{PLACE}:Client", "address": "http://db"}
SECRET = "sk-a-secret"  # noqa: S105 - of no server


def created(options, name: str = "Holder"):
    return create(f"{PLACE}:{name}", Holder, resolved(options, "store"), "store")


def refused(options, name: str = "Holder") -> str:
    with pytest.raises(SettingsError) as raised:
        created(options, name)
    said = str(raised.value)
    assert "\n" not in said
    assert said.endswith((".", "?"))
    return said


@pytest.mark.parametrize("text", ["llama_index.llms.ollama:Ollama", "my_module:Class", "a_package.b:Class.method"])
def test_a_module_and_a_class_are_known_by_the_colon_between_them(text):
    assert names_class(text)


@pytest.mark.parametrize(
    "text", ["packaged", "", "hf:owner/repo", "hf:model", "http://host:8000", "C:\\models", "C:model", "a:b:C", "m:1"]
)
def test_other_settings_are_not_taken_for_a_class(text):
    assert not names_class(text)


def test_an_object_is_created_with_its_options():
    made = created({"client": Client("x"), "name": "hens"})
    assert made.instance.name == "hens"


def test_a_table_that_names_a_class_becomes_an_object():
    options = resolved({"client": CLIENT}, "store")
    made = create(f"{PLACE}:Holder", Holder, options, "store", {"name": "hens"})
    assert made.instance.client.address == "http://db"
    assert made.instance.name == "hens"
    assert options.parts == (made.instance.client,)


def test_a_class_may_be_created_by_one_of_its_methods():
    made = created({"client": {"class": f"{PLACE}:Client.local", "path": "/data"}})
    assert made.instance.client.address == "file:/data"


def test_a_class_that_hands_options_on_takes_those_of_its_base_class():
    made = created({"client": CLIENT, "size": 3, "name": "hens"}, "Other")
    assert isinstance(made.instance, Other)
    assert (made.instance.size, made.instance.name) == (3, "hens")
    assert accepted_options(f"{PLACE}:Other", "store") >= {"client", "name", "size"}


def test_warnings_of_the_class_are_hidden_when_it_is_created_and_used(recwarn):
    warnings.simplefilter("always")
    made = create(f"{PLACE}:WarningHolder", WarningHolder, resolved({"client": CLIENT}, "store"), "store")
    assert made.instance.use() == "papers"
    assert [str(one.message) for one in recwarn] == []
    warnings.warn_explicit("of another package", UserWarning, "other.py", 1, "others.module")
    assert [str(one.message) for one in recwarn] == ["of another package"]


def test_secrets_come_from_the_environment_or_a_private_file(monkeypatch, tmp_path):
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    file = tmp_path / "token"
    file.write_text("sk-of-a-file\n")
    file.chmod(0o600)
    made = created(
        {"client": {**CLIENT, "password": {"from_environment": "DB_PASSWORD"}}, "token": {"from_file": str(file)}}
    )
    assert (made.instance.client.password, made.instance.token) == (SECRET, "sk-of-a-file")
    assert SECRET not in repr(made)
    assert "sk-of-a-file" not in repr(made.public)


def test_a_secret_that_is_not_set_is_one_line_that_names_the_variable(monkeypatch):
    monkeypatch.delenv("NO_SUCH_SECRET", raising=False)
    said = refused({"client": CLIENT, "token": {"from_environment": "NO_SUCH_SECRET"}})
    assert "store_options.token: NO_SUCH_SECRET is empty or not set" in said


@pytest.mark.parametrize(
    ("source", "needed"), [("from_environment", "the name of a variable"), ("from_file", "the path of a file")]
)
@pytest.mark.parametrize("value", [5, "", ["DB_PASSWORD"], True])
def test_a_secret_whose_source_is_no_name_is_one_line(source, needed, value):
    said = refused({"client": CLIENT, "token": {source: value}})
    assert said == f"store_options.token: {source} needs {needed} as text."


def test_a_secret_file_that_others_can_read_is_refused(tmp_path):
    file = tmp_path / "token"
    file.write_text(SECRET)
    file.chmod(0o644)
    said = refused({"client": CLIENT, "token": {"from_file": str(file)}})
    assert "chmod 600" in said
    assert SECRET not in said


def test_what_is_shown_of_options_has_no_secrets():
    shown = public({"api_key": SECRET, "client": {"auth_token": SECRET}, "url": f"http://ann:{SECRET}@host", "size": 3})
    assert SECRET not in repr(shown)
    assert (shown["url"], shown["size"]) == ("http://***@host", 3)


def test_a_missing_package_is_one_line_that_says_what_to_install():
    with pytest.raises(SettingsError, match=r"pip install llama-index-vector-stores-nowhere") as raised:
        create("llama_index.vector_stores.nowhere:Store", Holder, resolved({}, "store"), "store")
    assert "\n" not in str(raised.value)


def test_a_class_that_the_module_lacks_is_one_line():
    assert f"the module {PLACE} has no class Holders" in refused({}, "Holders")


def test_an_object_of_another_kind_is_one_line():
    assert "is not a Holder" in refused({"address": "x"}, "Client")


def test_an_unknown_option_is_one_line_with_the_nearest_that_there_is():
    assert "has no option 'nam': did you mean name?" in refused({"client": CLIENT, "nam": "hens"})
    assert "has no option 'zzz': it takes client, name, token." in refused({"client": CLIENT, "zzz": 1})


def test_an_unknown_option_of_an_object_within_the_options_is_one_line():
    assert "store_options.client: " in refused({"client": {**CLIENT, "adress": "x"}})


def test_a_missing_option_is_one_line():
    assert "cannot be created with its options" in refused({})


def test_a_refused_option_is_one_line_without_the_secrets(monkeypatch):
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    said = refused({"client": {**CLIENT, "address": "", "password": {"from_environment": "DB_PASSWORD"}}})
    assert "no address for ***" in said
    assert SECRET not in refused({"client": {**CLIENT, "address": "", "password": SECRET}})


def test_a_table_whose_class_is_no_name_is_one_line():
    assert "write it as module:Class" in refused({"client": {"class": "Client"}})


def test_whatever_the_object_raises_later_is_translated_without_secrets():
    made = created({"client": {**CLIENT, "password": SECRET}})
    with (
        pytest.raises(
            StoreError, match=r"Holder failed to search \(no \*\*\* at http://\*\*\*@db\): wait\.$"
        ) as raised,
        made.translated(StoreError, "to search", "wait"),
    ):
        raise ValueError(f"\nno {SECRET} at http://ann:x@db.\nsecond line")
    assert isinstance(raised.value.__cause__, ValueError)
