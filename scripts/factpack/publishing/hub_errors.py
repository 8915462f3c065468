"""Say what the errors of huggingface_hub mean."""

import json
from collections.abc import Iterator

import httpx2
from huggingface_hub.errors import HfHubHTTPError

from factpack.publishing.target import TargetError
from factpack.release.opening.url import redacted, without_credentials

#: The connection, or an answer that is not the Hub's, such as the page of a proxy.
_BROKEN = (httpx2.TransportError, json.JSONDecodeError)


def log_in(repository: str) -> str:
    """Return the next step for somebody without the right token."""
    return f"Log in with `hf auth login`, or set HF_TOKEN to a token that may write to {repository}."


def explain_hub_error(error: Exception, endpoint: str, token: str | None, next_step: str) -> TargetError:
    """Return what went wrong, without the token and the password, whatever the hub answered.

    After a conflict, the next look shows whether somebody else was faster.

    Args:
        error: What was raised.
        endpoint: The address of the hub, which may have a password in it.
        token: What must not be printed.
        next_step: The next step for somebody without the right token.
    """
    chain = list(_chain(error))
    answered = next((each for each in chain if isinstance(each, HfHubHTTPError)), None)
    broken = next((each for each in chain if isinstance(each, _BROKEN)), None)
    passes, hint, wait = broken is not None, "", ""
    if answered is not None:
        status, wait = answered.response.status_code, answered.response.headers.get("Retry-After", "")
        text = f"the hub answers {status} {answered.server_message or ''}"
        passes = status in {408, 409, 412, 429} or answered.response.is_server_error
        why = {401: "The hub does not accept the token.", 403: "The token does not allow this."}.get(status)
        hint = f"{why} {next_step}" if why else ""
    else:
        text = f"{type(broken or error).__name__}: {broken or error}"
        if isinstance(broken, json.JSONDecodeError):
            text = "the answer is not from a hub, or was cut off"
        if broken is not None:
            hint = f"The hub is {without_credentials(endpoint)}; set HF_ENDPOINT to use another one."
    text = redacted(text.replace(token, "<token>") if token else text, endpoint)
    return TargetError(text.rstrip(". "), hint, passes, int(wait) if wait.isdigit() else 0)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that led to it, because the libraries wrap what the network raised."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
