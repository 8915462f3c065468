"""Open and show the URLs of folders and object stores, which may have credentials in them."""

from urllib.parse import unquote, urlsplit

import fsspec

from factpack.checks.report import printable


def without_credentials(url: str) -> str:
    """Return a URL without user, password and query.

    Raises:
        ValueError: It is no URL.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        message = f"{url.partition('://')[0]}://… is not a URL: {error}"
        raise ValueError(message) from error
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")


def redacted(text: str, url: str) -> str:
    """Return a text that came from elsewhere on one line, without the credentials of a URL and without escapes."""
    text = text.replace(url, without_credentials(url))
    parts = urlsplit(url)
    for secret in (parts.netloc.rpartition("@")[0], parts.password, parts.query):
        for form in {secret, unquote(secret)} if secret else ():
            text = text.replace(form, "…")
    return printable(text)


def open_url(url: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """Return the driver for a URL, and the path there.

    Raises:
        ValueError: It is no URL, or no installed driver knows it; the message says what to do.
        Exception: Whatever drivers raise that connect at once.
    """
    shown, scheme = without_credentials(url), urlsplit(url).scheme
    if "::" in url or not scheme:
        message = f"{shown} is not the URL of a folder, such as file:///data/sets or s3://bucket/sets"
        raise ValueError(message)
    try:
        driver, root = fsspec.url_to_fs(url)
    except ImportError as error:
        hint = "pip install 'factpack[s3]'" if scheme in {"s3", "s3a"} else str(error)
        message = f"{scheme}:// needs a package that is not installed: {hint}"
        raise ValueError(message) from error
    except ValueError as error:
        message = f"fsspec does not know {scheme}://, with which {shown} begins"
        raise ValueError(message) from error
    return driver, root.rstrip("/")
