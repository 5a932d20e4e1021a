"""``--engine``: the processes of this machine, or a dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mmskin_build.errors import ConfigError

if TYPE_CHECKING:
    from mmskin_build.runner.plan import Plan
    from mmskin_build.runner.pool import Pool

ENGINES = ("local", "dask")


@dataclass(frozen=True, slots=True)
class Engine:
    """Where the user wants the stages to run.

    Raises:
        ConfigError: an unknown engine, or options of the other one.
    """

    name: str = "local"
    scheduler: str = ""
    store: str = ""

    def __post_init__(self) -> None:
        """Refuse what would be ignored."""
        if self.name not in ENGINES:
            raise ConfigError(f"--engine {self.name!r}: use one of {', '.join(ENGINES)}")
        for option in ("scheduler", "store"):
            if getattr(self, option) and self.name != "dask":
                raise ConfigError(f"--{option} needs --engine dask")


@contextmanager
def engine_pool(engine: Engine, plan: Plan) -> Iterator[Pool]:
    """Yield the pool that runs a plan's tasks."""
    from mmskin_build.runner.pool import WorkerPool

    if engine.name == "local":
        yield WorkerPool(plan.workers, plan.runner)
        return
    from mmskin_build.runner.dask_pool import DaskPool, cluster_client
    from mmskin_build.runner.exchange import Exchange

    with cluster_client(engine.scheduler, plan.workers) as client:
        exchange = Exchange(engine.store) if engine.store else None
        yield DaskPool(client, plan.runner, exchange)
