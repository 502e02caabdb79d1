"""A language model on a server with OpenAI's interface: vLLM, llama.cpp's server, Ollama, a hosted one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from llama_index.core.base.llms.types import ChatResponse, ChatResponseGen
from llama_index.core.llms import LLM

from assistant.errors import ModelError, SettingsError
from assistant.settings import Settings
from assistant.system.private_file import first_line_of_private_file

_TIMEOUT_SECONDS = 120.0
_NO_KEY = "none"  # the client requires a key; servers without keys ignore it
_NAMES_SHOWN = 20
_REASON_LETTERS = 200  # of a server's error message that are shown


def open_server(settings: Settings) -> tuple[LLM, str]:
    """The model that ``http://host:port/v1#name`` names, or the first that the server lists, and its label.

    Raises ModelError when the server does not answer or has no such model, SettingsError for an unusable key.
    """
    from llama_index.llms.openai_like import OpenAILike

    parts = _address(settings.model)
    path = parts.path if parts.path.strip("/") else "/v1"
    address = parts._replace(path=path, fragment="").geturl()
    host = parts.netloc.rsplit("@")[-1]
    key = api_key(settings, parts.hostname or "")
    name = _model_name(unquote(parts.fragment), _offered(address, key, host), host)
    llm = OpenAILike(
        model=name,
        api_base=address,
        api_key=key,
        is_chat_model=True,
        temperature=0.0,
        context_window=settings.context_tokens,
        max_retries=0,
        timeout=_TIMEOUT_SECONDS,
    )
    return llm, f"{name} at {host}"


def _address(text: str) -> SplitResult:
    """Raises ModelError for a text that is not an address."""
    with suppress(ValueError):
        parts = urlsplit(text)
        if parts.hostname:
            return parts
    raise ModelError(f"{text} is not the address of a model server: use http://host:port/v1.")


def api_key(settings: Settings, host: str) -> str:
    """The key for the server: from the private file that ``api_key_file`` names, else from FOOTNOTE_API_KEY.

    OPENAI_API_KEY is sent to OpenAI only: it may be set for other programs, and another server must not receive it.
    Raises SettingsError when the file cannot be read, others can open it, or it contains no key.
    """
    if settings.api_key_file:
        source, key = settings.api_key_file, first_line_of_private_file(settings.api_key_file, "key").strip()
    else:
        is_openai_only = host == "api.openai.com" and not os.environ.get("FOOTNOTE_API_KEY")
        source = "OPENAI_API_KEY" if is_openai_only else "FOOTNOTE_API_KEY"
        key = os.environ.get(source, "").strip() or _NO_KEY
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise SettingsError(f"{source} does not contain a key for a server: give one word of ASCII characters.")
    return key


@contextmanager
def translated(llm: Any) -> Iterator[None]:
    """Raise what the client of a server raises as a ModelError."""
    import httpx
    import openai

    try:
        yield
    except (openai.OpenAIError, httpx.HTTPError) as error:
        raise ModelError(f"The model server failed ({_reason(error, llm.api_key)}): check that it runs.") from error
    except (ValueError, TypeError, AttributeError, LookupError) as error:  # what the client raises for broken JSON
        raise ModelError("The model server sent an answer that cannot be read: check that it runs.") from error


def until_finished(responses: Iterable[ChatResponse]) -> ChatResponseGen:
    """The responses of a server. Raises ModelError after the last one if the server did not mark the answer's end.

    A connection that closes early looks like the end of the answer when the server gives no length in advance.
    """
    is_finished = False
    for response in responses:
        choices = getattr(response.raw, "choices", None) or ()
        is_finished = is_finished or any(choice.finish_reason for choice in choices)
        yield response
    if not is_finished:
        raise ModelError("The model server ended its answer in the middle: check that it runs.")


def _offered(address: str, key: str, host: str) -> list[str] | None:
    """Names of the server's models; None when it has no list of them."""
    import openai

    try:
        with openai.OpenAI(base_url=address, api_key=key, timeout=_TIMEOUT_SECONDS, max_retries=0) as client:
            models = client.models.list().data
            if models is None:
                raise TypeError("no list of models")
            return [str(model.id) for model in models]
    except openai.NotFoundError:
        return None
    except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
        raise ModelError(
            f"The server at {host} wants another key ({_reason(error, key)}): set FOOTNOTE_API_KEY or api_key_file."
        ) from error
    except openai.OpenAIError as error:
        raise ModelError(f"No model server answers at {host} ({_reason(error, key)}): start it.") from error
    except (ValueError, AttributeError, TypeError) as error:  # what the client raises for a web page, for example
        raise ModelError(
            f"What answers at {host} is not a model server, because it sends no list of models: check the address."
        ) from error


def _model_name(wanted: str, offered: list[str] | None, host: str) -> str:
    if wanted and (offered is None or wanted in offered):
        return wanted
    if not offered:
        raise ModelError(f"The server at {host} lists no model: load one there, or name it: http://host:port/v1#name.")
    if not wanted:
        return offered[0]
    names = ", ".join(" ".join(name.split()) for name in offered[:_NAMES_SHOWN])
    more = f" and {len(offered) - _NAMES_SHOWN} more" if len(offered) > _NAMES_SHOWN else ""
    raise ModelError(f"The server at {host} has no model {wanted!r}: name one of {names}{more}.")


def _reason(error: Exception, key: str) -> str:
    """The error's first line, without the key, which a server may repeat in it."""
    text = str(error).strip().split("\n")[0][:_REASON_LETTERS]
    return text if key == _NO_KEY else text.replace(key, "***")
