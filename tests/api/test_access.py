from __future__ import annotations

import os
from pathlib import Path

import pytest
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from assistant.api.access import allowed_hosts, check_access, credentials, is_this_machine
from assistant.errors import SettingsError
from assistant.settings import Settings

PASSWORD = "correct horse"  # noqa: S105
EVERYWHERE = "0.0.0.0"  # noqa: S104


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    return write(tmp_path / "password", f"{PASSWORD}\n".encode())


def write(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def with_auth(auth: str) -> Settings:
    return Settings(auth=auth)


def test_without_auth_no_login_is_required():
    assert credentials(Settings()) is None


def test_the_name_is_in_the_setting_and_the_password_in_the_file(password_file):
    assert credentials(with_auth(f"ada:{password_file}")) == ("ada", PASSWORD)


def test_spaces_around_the_name_are_dropped_as_the_login_does(password_file):
    assert credentials(with_auth(f" ada :{password_file}")) == ("ada", PASSWORD)


def test_a_colon_in_the_files_name_is_part_of_it(tmp_path):
    file = write(tmp_path / "pass:word", PASSWORD.encode())
    assert credentials(with_auth(f"ada:{file}")) == ("ada", PASSWORD)


def test_a_tilde_means_the_home_folder(password_file, monkeypatch):
    monkeypatch.setenv("HOME", str(password_file.parent))
    monkeypatch.setenv("USERPROFILE", str(password_file.parent))
    assert credentials(with_auth("ada:~/password")) == ("ada", PASSWORD)


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (b"pass word ", "pass word "),
        (b" a:b#c d\nnotes", " a:b#c d"),
        (b"password\r\n", "password"),
        (b"\xef\xbb\xbfpassword\n", "password"),
        ("schlüssel".encode(), "schlüssel"),
    ],
)
def test_the_password_is_the_first_line_without_its_line_break(content, password, tmp_path):
    file = write(tmp_path / "password", content)
    assert credentials(with_auth(f"ada:{file}")) == ("ada", password)


@pytest.mark.parametrize("auth", ["ada", "ada:", ":file", " :file", ":"])
def test_an_auth_that_is_not_user_and_file_is_refused(auth):
    with pytest.raises(SettingsError, match="is not user:file"):
        credentials(with_auth(auth))


@pytest.mark.parametrize("file", ["missing", ".", "~no-such-person/file", "nul\0"])
def test_a_file_that_cannot_be_read_is_refused_by_its_name(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"The password file .* cannot be read"):
        credentials(with_auth(f"ada:{file}"))


def test_a_file_that_is_not_text_is_refused(tmp_path):
    file = write(tmp_path / "password", b"\xff\xfe\x00\x01")
    with pytest.raises(SettingsError, match="cannot be read"):
        credentials(with_auth(f"ada:{file}"))


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_file_that_others_can_read_is_refused_with_the_command_to_fix_it(mode, password_file):
    password_file.chmod(mode)
    with pytest.raises(SettingsError, match=f"chmod 600 {password_file}"):
        credentials(with_auth(f"ada:{password_file}"))


@pytest.mark.parametrize(("content", "length"), [(b"", 0), (b"\npassword", 0), (b"1234567\n", 7)])
def test_a_short_password_is_refused_and_not_shown(content, length, tmp_path):
    file = write(tmp_path / "password", content)
    with pytest.raises(SettingsError, match=f"a password of {length} characters: use 8 or more") as caught:
        credentials(with_auth(f"ada:{file}"))
    assert "1234567" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "localhost", "LocalHost", "::1", "0:0:0:0:0:0:0:1"])
def test_loopback_is_this_machine(host):
    assert is_this_machine(host)


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "", "192.168.1.2", "128.0.0.1", "localhost.evil.example", "127.1"])
def test_anything_else_may_be_reached_from_other_machines(host):
    assert not is_this_machine(host)


def test_on_this_machine_no_password_is_needed():
    assert check_access(Settings(host="127.0.0.1")) is None


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "", "papers.example"])
def test_a_page_for_other_machines_needs_a_password(host):
    with pytest.raises(SettingsError, match="reached from other machines: give --auth user:password-file"):
        check_access(Settings(host=host))


@pytest.mark.parametrize("host", ["127.0.0.1", EVERYWHERE])
def test_a_configured_password_is_required_on_every_host(host, password_file):
    assert check_access(Settings(host=host, auth=f"ada:{password_file}")) == ("ada", PASSWORD)


def status(bound_to: str, host_header: str) -> int:
    """What a browser gets that asks a page bound to one name by another."""
    guarded = TrustedHostMiddleware(PlainTextResponse("page"), allowed_hosts=allowed_hosts(Settings(host=bound_to)))
    return TestClient(guarded).get("/", headers={"host": host_header}).status_code


@pytest.mark.parametrize("name", ["127.0.0.1:7860", "localhost:7860", "LOCALHOST", "[::1]:7860", "[::1]"])
@pytest.mark.parametrize("bound_to", ["127.0.0.1", "localhost", "::1"])
def test_a_local_page_answers_to_every_name_of_this_machine(bound_to, name):
    assert status(bound_to, name) == 200


def test_a_local_page_answers_to_the_address_it_is_bound_to():
    assert status("127.0.0.2", "127.0.0.2:7860") == 200


@pytest.mark.parametrize(
    "name", ["evil.example:7860", "localhost.evil.example", "127.0.0.1.evil.example", "www.localhost"]
)
def test_a_local_page_does_not_answer_to_the_name_of_another_site(name):
    assert status("127.0.0.1", name) == 400


def test_a_page_for_other_machines_answers_to_any_name():
    assert status(EVERYWHERE, "papers.example:7860") == 200
