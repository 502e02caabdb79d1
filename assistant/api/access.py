"""Who may open the page: anyone on this machine, and on other machines anyone with the name and the password."""

from __future__ import annotations

import ipaddress

from assistant.errors import SettingsError
from assistant.settings import Settings
from assistant.system.private_file import first_line_of_private_file

_LEAST_PASSWORD = 8
_THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")


def check_access(settings: Settings) -> tuple[str, str] | None:
    """The name and password to ask for, or None for no login.

    Raises SettingsError when other machines could open the page without one, and as `credentials` does.
    """
    if not settings.auth and not is_this_machine(settings.host):
        raise SettingsError(
            f"The host {settings.host!r} can be reached from other machines: give --auth user:password-file, "
            "or keep host at 127.0.0.1."
        )
    return credentials(settings)


def credentials(settings: Settings) -> tuple[str, str] | None:
    """The name in ``auth`` and the first line of its file, or None when ``auth`` is empty.

    Raises SettingsError when there is no file, others can open it, or its password is too short.
    """
    if not settings.auth:
        return None
    user, _, file = settings.auth.partition(":")
    if not user.strip() or not file:
        raise SettingsError(f"auth = {settings.auth!r} is not user:file: give a name and a file with the password.")
    password = first_line_of_private_file(file, "password")
    if len(password) < _LEAST_PASSWORD:
        raise SettingsError(
            f"The first line of {file} is a password of {len(password)} characters: use {_LEAST_PASSWORD} or more."
        )
    return user.strip(), password


def is_this_machine(host: str) -> bool:
    """Whether only this machine can reach the address. A name other than localhost may be anywhere."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def allowed_hosts(settings: Settings) -> list[str]:
    """Names for starlette's TrustedHostMiddleware, which compares without the port and with the brackets of IPv6.

    Another site can make its own name resolve to this machine and so read a page without a password (DNS rebinding),
    but the browser still sends that name. A page for other machines may have any name; there the password protects it.
    """
    if not is_this_machine(settings.host):
        return ["*"]
    own = f"[{settings.host}]" if ":" in settings.host else settings.host
    return list(dict.fromkeys((*_THIS_MACHINE, own)))  # own may be another loopback address, such as 127.0.0.2


def needs_key(settings: Settings) -> bool:
    """Must programs send a key? Not on this machine, unless even people on it have to log in."""
    return bool(settings.auth) or not is_this_machine(settings.host)
