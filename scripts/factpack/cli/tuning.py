"""Change settings of the whole process, which a command line may do and a library may not."""

import gc
import logging
import os
import signal
import sys
import threading
from io import TextIOWrapper
from types import FrameType

from factpack.atomic import is_full

#: Seconds until a thread that writes gets the interpreter; it takes it hundreds of times a row group.
SWITCH_INTERVAL = 0.0002


def tune() -> None:
    """Tune the process for one command.

    Values made of a corpus do not refer to themselves, and looking through a million of them for garbage that does
    takes a tenth of a check, so the search is off. The log of huggingface_hub would show signed addresses of files, and
    its bars would fill a file that the output goes to. A program that uses the library decides both by itself.
    """
    _end_in_order()
    sys.unraisablehook = _without_full_disks
    gc.disable()
    sys.setswitchinterval(SWITCH_INTERVAL)
    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="surrogateescape")  # the path of a folder whose name is not UTF-8, byte for byte
    if not sys.stderr.isatty():  # no bars in a pipe
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


def _end_in_order() -> None:
    """Have a signal to end raise an exception, so that everything temporary is removed; the shell sees its number."""
    if threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number and signal.getsignal(number) == signal.SIG_DFL:  # nohup has it ignored
            signal.signal(number, _end)


def _without_full_disks(late: "sys.UnraisableHookArgs") -> None:
    """Do not print what pyarrow raises when it clears up on a full disk, because the error itself is printed."""
    if not is_full(late.exc_value):
        sys.__unraisablehook__(late)


def _interrupt(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # as below
    raise KeyboardInterrupt


def _end(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second one would break off the clearing up
    sys.exit(128 + number)
