"""Serving the pages: gunicorn with threads, and a worker beside it where asked for."""

import errno
import logging
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from heard.config import WrongSetting
from heard.vault import house

logger = logging.getLogger(__name__)
PORT_TRIES = 5
WORKER_TEMPORARY = "/dev/shm" if Path("/dev/shm").is_dir() else None


def require_keys() -> None:
    """Raise WrongSetting where no installation was set up."""
    house.require(settings.HEARD["HEARD_KEYS"])


def require_port(bind: str) -> None:
    """Raise WrongSetting where nothing can be served. A server that is just going away gets some seconds for it."""
    host, _, port = bind.rpartition(":")
    for left in reversed(range(PORT_TRIES)):
        try:
            with socket.create_server((host.strip("[]"), int(port))):
                return
        except (OSError, ValueError, OverflowError) as wrong:
            if left and isinstance(wrong, OSError) and wrong.errno == errno.EADDRINUSE:
                time.sleep(1)
                continue
            raise WrongSetting(
                f"{bind} cannot be served: it is in use, or no address of this machine. Another port?"
            ) from None


def prepare(verbosity: int = 0) -> None:
    """Bring database and static files up to date."""
    settings.DATA.mkdir(mode=0o700, parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=verbosity)
    call_command("createcachetable", verbosity=0)
    if not _statics_are_fresh():
        call_command("collectstatic", interactive=False, verbosity=0, clear=False)


def _statics_are_fresh() -> bool:
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    sources = [p for p in (settings.ROOT / "web" / "static").rglob("*") if p.is_file()]
    return manifest.exists() and manifest.stat().st_mtime > max(p.stat().st_mtime for p in sources)


class TypesOnly(Logger):  # type: ignore[misc]
    """Gunicorn's log without its texts: they quote addresses, paths and errors of requests."""

    def setup(self, cfg: Any) -> None:
        """Log nothing of requests at all."""
        super().setup(cfg)
        self.access_log.disabled = True

    def _short(self, message: object, *args: Any, **kwargs: Any) -> None:
        error = sys.exc_info()[0]
        logger.error("the web server stumbled: %s", error.__name__ if error else "no error type")

    debug = info = lambda self, *args, **kwargs: None
    warning = error = exception = _short


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn with our settings."""

    def __init__(self, bind: str, processes: int, threads: int) -> None:
        self.wanted: dict[str, Any] = {
            "bind": bind,
            "workers": processes,
            "threads": threads,
            "worker_class": "gthread",
            "preload_app": True,
            "worker_tmp_dir": WORKER_TEMPORARY,
            # A phone on a bad line may take minutes for a file; nothing of a request is ever logged.
            "timeout": 300,
            "graceful_timeout": 30,
            "accesslog": None,
            "logger_class": TypesOnly,
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Hand the settings over, as far as this gunicorn knows them."""
        for name, value in self.wanted.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application; connections are opened after the fork."""
        from heard.wsgi import application

        connections.close_all()
        return application


def serve(*, bind: str, with_worker: bool) -> None:
    """Serve until stopped."""
    require_keys()
    require_port(bind)
    prepare()
    if with_worker:
        # The worker watches its parent, so that it never outlives the server.
        subprocess.Popen([sys.executable, "-m", "heard.cli", "worker", "--parent", str(os.getpid())])
    connections.close_all()
    Server(bind, settings.HEARD["HEARD_PROCESSES"] or 1, settings.HEARD["HEARD_THREADS"] or 1).run()
