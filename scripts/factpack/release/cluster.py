"""Build on a Dask cluster, which runs on Kubernetes, Slurm, clouds and laptops."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

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
        yield client.get_executor()
