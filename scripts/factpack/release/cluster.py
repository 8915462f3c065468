"""Build on a Dask cluster, which runs on Kubernetes, Slurm, clouds and laptops."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from urllib.parse import urlsplit

from factpack.errors import UnreachableError

PATIENCE = 30  # seconds that the scheduler, then its first worker, has to answer


@contextmanager
def cluster_executor(address: str) -> Iterator[Executor]:
    """Connect to the scheduler of a Dask cluster.

    Args:
        address: Where it is: ``tcp://host:8786``.

    Yields:
        Its executor, for :meth:`factpack.Project.build`.

    Raises:
        UnreachableError: There is no scheduler, no worker, or no Dask on this machine.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UnreachableError('a cluster needs the extra: pip install "factpack[cluster]"') from error
    try:
        place = urlsplit(address if "://" in address else f"tcp://{address}")
        known = bool(place.hostname and place.port)
    except ValueError:  # of the port
        known = False
    if not known:
        message = f"{address} is not the address of a scheduler, such as tcp://host:8786"
        raise UnreachableError(message)
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        message = f"no Dask scheduler answers at {address}: {error}"
        raise UnreachableError(message) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            message = f"the scheduler at {address} has no worker; start one with `dask worker {address}`"
            raise UnreachableError(message) from error
        yield client.get_executor(pure=False)  # else it hashes all that goes to a worker
