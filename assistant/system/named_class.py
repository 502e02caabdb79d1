"""Creates objects of classes that a setting names as ``module:Class``, from a table of options.

An option may also be one of these tables; they may be nested:

    { class = "module:Class", ... }         an object, created from the other keys of the table
    { from_environment = "NAME" }           a secret, from an environment variable
    { from_file = "path" }                  a secret, from the first line of a file that only its owner can read

Secrets are never in a message, a label or a fingerprint: ``Named.public`` has the options without them, and messages
of foreign classes are searched for them.
"""

from __future__ import annotations

import importlib
import inspect
import os
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from assistant.errors import FootnoteError, SettingsError
from assistant.system.private_file import first_line_of_private_file

_NAME = re.compile(r"(?!hf:)([^\W\d]\w+(?:\.\w+)*):([^\W\d]\w*(?:\.\w+)?)")  # "module:Class" or "module:Class.method"
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:api_?key|access_key|secret|secret_key|token|password|passwd|auth|credentials?|dsn|connection_string)$",
    re.IGNORECASE,
)
_USER_IN_ADDRESS = re.compile(r"(?<=://)[^/\s@]+(?=@)")
_LEAST_SECRET = 4  # characters: a shorter text is hidden in no message, where it would hide half of the words
_HIDDEN = "***"
_LONGEST_REASON = 300  # characters
_HIDDEN_WARNINGS = (UserWarning, FutureWarning)  # Python shows these by default, with a path and a line of the source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Named(Generic[T]):
    """An object of a class that a setting names; ``public`` has its options without secrets."""

    name: str
    instance: T
    public: Mapping[str, Any]
    secrets: tuple[str, ...] = field(repr=False)

    def translated(self, error_class: type[FootnoteError], doing: str, advice: str) -> AbstractContextManager[None]:
        """Raise whatever the object raises as ``error_class``: one line, without secrets."""
        return _translated(error_class, f"{self.name} failed {doing}", advice, self.secrets)


@dataclass(frozen=True, slots=True)
class Options:
    """Options with secrets and objects in place of the tables that stand for them; ``parts`` are these objects."""

    public: Mapping[str, Any]
    arguments: Mapping[str, Any] = field(repr=False)
    parts: tuple[Any, ...]
    secrets: tuple[str, ...] = field(repr=False)


def names_class(text: str) -> bool:
    """Is this the form ``module:Class``?"""
    return _NAME.fullmatch(text) is not None


def resolved(options: Mapping[str, Any], setting: str) -> Options:
    """The options of the class that ``setting`` names.

    Raises SettingsError for secrets that cannot be read, and for objects that cannot be created.
    """
    secrets, parts = [*_written_secrets(options)], list[Any]()
    arguments = {
        option: _resolved(value, f"{setting}_options.{option}", secrets, parts) for option, value in options.items()
    }
    return Options(public(options), arguments, tuple(parts), tuple(secrets))


def create(name: str, base: type[T], options: Options, setting: str, more: Mapping[str, Any] | None = None) -> Named[T]:
    """An object of the class ``name``, which must be a ``base``; ``setting`` is the one that names it.

    ``more``: options that the caller adds. Raises SettingsError for a class that is missing or of another kind, and for
    options that it does not know or refuses.
    """
    instance = _called(name, {**options.arguments, **(more or {})}, setting, options.secrets)
    if not isinstance(instance, base):
        raise SettingsError(
            f"{setting} = {name} is not a {base.__name__} of llama-index: name a class that is derived from it."
        )
    return Named(name, instance, options.public, options.secrets)


def public(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with every secret replaced by ``***``, to be shown or stored."""
    return {option: _HIDDEN if _SECRET_NAME.search(option) else _public(value) for option, value in options.items()}


def accepted_options(name: str, setting: str) -> set[str]:
    """The names of the options that the class takes. Raises SettingsError when it is missing."""
    return _accepted(_imported(name, setting))[0]


def _public(value: Any) -> Any:
    if isinstance(value, Mapping):
        return public(value)
    return _USER_IN_ADDRESS.sub(_HIDDEN, value) if isinstance(value, str) else value


def _written_secrets(options: Mapping[str, Any]) -> Iterator[str]:
    """The secrets that stand in the options themselves."""
    for option, value in options.items():
        if isinstance(value, Mapping):
            yield from _written_secrets(value)
        elif isinstance(value, str) and _SECRET_NAME.search(option):
            yield value


def _resolved(value: Any, place: str, secrets: list[str], parts: list[Any]) -> Any:
    """The value of an option, in place of the tables that stand for one; ``secrets`` and ``parts`` are added to."""
    if isinstance(value, list):
        return [_resolved(item, place, secrets, parts) for item in value]
    if not isinstance(value, Mapping):
        return value
    if set(value) <= {"from_environment", "from_file"} and len(value) == 1:
        secrets.append(_secret(value, place))
        return secrets[-1]
    resolved = {option: _resolved(part, f"{place}.{option}", secrets, parts) for option, part in value.items()}
    if "class" not in value:
        return resolved
    name = str(resolved.pop("class"))
    if not names_class(name):
        raise SettingsError(f"{place}.class = {name!r} does not name a class: write it as module:Class.")
    parts.append(_called(name, resolved, place, secrets))
    return parts[-1]


def _secret(table: Mapping[str, Any], place: str) -> str:
    ((source, name),) = table.items()
    if not isinstance(name, str) or not name:
        needed = "the path of a file" if source == "from_file" else "the name of a variable"
        raise SettingsError(f"{place}: {source} needs {needed} as text.")
    found = first_line_of_private_file(name, "secret").strip() if source == "from_file" else os.environ.get(name, "")
    if not found:
        raise SettingsError(f"{place}: {name} is empty or not set: put the secret there.")
    return found


def _called(name: str, arguments: Mapping[str, Any], place: str, secrets: Iterable[str]) -> Any:
    target = _imported(name, place)
    known, takes_any = _accepted(target)
    unknown = [option for option in arguments if option not in known]
    if unknown and not takes_any:
        near = get_close_matches(unknown[0], known, 1)
        advice = f"did you mean {near[0]}?" if near else f"it takes {', '.join(sorted(known)) or 'none'}."
        raise SettingsError(f"{place}: {name} has no option {unknown[0]!r}: {advice}")
    advice = place if "_options" in place else f"{place}_options"
    what = f"{place}: {name} cannot be created with its options"
    with _translated(SettingsError, what, f"check {advice}", secrets), _without_warnings():
        return target(**arguments)


def _imported(name: str, place: str) -> Any:
    match = _NAME.fullmatch(name)
    if not match:
        raise SettingsError(f"{place} = {name} does not name a class: write it as module:Class.")
    module, path = match.groups()
    package = ".".join(module.split(".")[:3]).replace(".", "-").replace("_", "-")
    advice = f"install its package (`pip install {package}`) or check the name"
    what = f"{place}: the module {module} cannot be imported"
    with _translated(SettingsError, what, advice, ()), _without_warnings():
        target: Any = importlib.import_module(module)
    _hide_warnings_of(module)
    for part in path.split("."):
        target = getattr(target, part, None)
    if not callable(target):
        raise SettingsError(f"{place}: the module {module} has no class {path}: check the name.")
    return target


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Hide the warnings of Python, for developers, while a foreign class is imported or created.

    ``catch_warnings`` is not safe with threads. Classes are imported and created when an index or a model is opened,
    before threads use them.
    """
    with warnings.catch_warnings():
        for category in _HIDDEN_WARNINGS:
            warnings.simplefilter("ignore", category)
        yield


def _hide_warnings_of(module: str) -> None:
    """Hide the warnings of the package of ``module`` while its classes are used, from then on and in all threads.

    For example, Qdrant in local mode warns that it has no payload indexes, with a line of the source of llama-index.
    """
    package = re.escape(module.split(".")[0])
    for category in _HIDDEN_WARNINGS:
        warnings.filterwarnings("ignore", category=category, module=rf"{package}(\.|$)")


def _accepted(target: Any) -> tuple[set[str], bool]:
    """The options that a class or method takes by name, and whether it takes any others.

    A class that takes ``**options`` hands them on to its base class. The classes of llama-index are pydantic models,
    whose fields are options, and which ignore what else they are given: so they do not take any others.
    """
    known: set[str] = set()
    for one in _constructors(target):
        parameters = inspect.signature(one).parameters.values()
        known |= {each.name for each in parameters if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)}
        if not any(each.kind is each.VAR_KEYWORD for each in parameters):
            return known - {"self", "cls"}, False
    fields = getattr(target, "model_fields", {})
    aliases = {field.alias for field in fields.values() if field.alias}
    return (known | {*fields} | aliases) - {"self", "cls"}, not fields


def _constructors(target: Any) -> list[Any]:
    """A function itself; of a class, its constructor and those of its base classes."""
    if not inspect.isclass(target):
        return [target]
    return [vars(one)["__init__"] for one in inspect.getmro(target)[:-1] if "__init__" in vars(one)]


@contextmanager
def _translated(error_class: type[FootnoteError], what: str, advice: str, secrets: Iterable[str]) -> Iterator[None]:
    try:
        yield
    except FootnoteError:
        raise
    except Exception as error:  # a foreign class may raise anything
        raise error_class(f"{what} ({_reason(error, secrets)}): {advice}.") from error


def _reason(error: Exception, secrets: Iterable[str]) -> str:
    """The first line of an error, without secrets; of an error of pydantic, what is wrong with which option."""
    details = getattr(error, "errors", None)
    if callable(details) and (found := details()):
        text = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'options'}: {one['msg']}" for one in found[:3])
    else:
        text = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN) if len(secret) >= _LEAST_SECRET else text
    text = _USER_IN_ADDRESS.sub(_HIDDEN, text)
    return text[:_LONGEST_REASON].rstrip(".: ")
