"""Real neighbours for tests: a PostgreSQL cluster, an S3 server, Heard itself as a process; all on loopback."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

from django.test.client import encode_multipart

BOUNDARY = "heard-boundary"
STARTUP_SECONDS = 60
# Below those that the system lends to outgoing connections.
FIRST_PORT, PORTS = 20_000, 12_000


def free_port() -> int:
    """Return a port on which nothing listens."""
    while True:
        port = FIRST_PORT + secrets.randbelow(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_for(port: int, seconds: float = STARTUP_SECONDS) -> None:
    """Return when something listens. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            # While nobody listens, a socket can meet itself where it was lent the very port that it calls.
            if probe.connect_ex(("127.0.0.1", port)) == 0 and probe.getsockname() != probe.getpeername():
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


def end(process: subprocess.Popen[Any]) -> None:
    """End a process that we started, and what it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def postgres_programs() -> Path | None:
    """Return the folder of initdb, the newest one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    return Path(there).parent if (there := shutil.which("initdb")) else None


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Run a private cluster and yield its address, for the user and database `postgres`."""
    programs = postgres_programs()
    assert programs, "PostgreSQL is not installed: apt-get install postgresql"
    folder = Path(tempfile.mkdtemp(prefix="heard-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to be root
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data, port = folder / "data", free_port()
    command = [
        *as_user,
        str(programs / "initdb"),
        "-D",
        str(data),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
    ]
    subprocess.run(command, check=True, capture_output=True, cwd="/")
    options = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": folder, "max_connections": 200}
    flags = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [*as_user, str(programs / "postgres"), "-D", str(data), *flags],
        stdout=log, stderr=log, start_new_session=True, cwd="/",
    )  # fmt: skip
    try:
        wait_for(port)
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        end(process)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def s3() -> Iterator[str]:
    """Run an S3 server with a bucket and yield its address as HEARD_STORAGE wants it."""
    import boto3

    folder = Path(tempfile.mkdtemp(prefix="heard-s3-"))
    ports = {name: free_port() for name in ("master", "volume", "filer", "s3")}
    identity = {
        "name": "heard",
        "credentials": [{"accessKey": "heard", "secretKey": "heardsecret"}],
        "actions": ["Admin"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    command = [
        str(Path(sys.executable).parent / "weed"), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3",
        f"-master.port={ports['master']}", f"-volume.port={ports['volume']}", f"-filer.port={ports['filer']}",
        f"-s3.port={ports['s3']}", f"-s3.config={folder / 's3.json'}", "-volume.max=20", "-master.volumeSizeLimitMB=64",
        f"-master.port.grpc={free_port()}", f"-volume.port.grpc={free_port()}", f"-filer.port.grpc={free_port()}",
        f"-s3.port.grpc={free_port()}",
    ]  # fmt: skip
    log = (folder / "log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for(ports["s3"])
        client = boto3.client(
            "s3", endpoint_url=f"http://127.0.0.1:{ports['s3']}", aws_access_key_id="heard", aws_secret_access_key="heardsecret",
            region_name="us-east-1",
        )  # fmt: skip
        _until_it_works(lambda: client.create_bucket(Bucket="heard"))
        yield f"s3+http://heard:heardsecret@127.0.0.1:{ports['s3']}/heard"
    finally:
        end(process)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _until_it_works(call: Any, seconds: float = STARTUP_SECONDS) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            call()
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.3)
        else:
            return


class Heard:
    """A server of Heard with the demo network, in a folder of its own."""

    def __init__(
        self, folder: Path, *, database: str = "", storage: str = "", processes: int = 2, worker: bool = True
    ) -> None:
        self.folder, self.port, self.worker = folder, free_port(), worker
        self.url = f"http://127.0.0.1:{self.port}"
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("HEARD_", "DJANGO_"))}
        self.environ = ours | {
            "HEARD_DATA": str(folder / "data"), "HEARD_URL": self.url, "HEARD_PROCESSES": str(processes),
            "HEARD_WORKER_SECONDS": "0", "HEARD_RESERVE_MB": "1",
        }  # fmt: skip
        if database:
            self.environ["HEARD_DATABASE"] = new_database(database)
        if storage:
            self.environ["HEARD_STORAGE"] = storage
        self.log = (folder / "server.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None
        self.paper: dict[str, list[str]] = {}
        self.run("demo")
        people = json.loads((folder / "data" / "demo-logins.json").read_text())
        self.logins = {person["email"].partition("@")[0]: (person["email"], person["password"]) for person in people}

    @property
    def data(self) -> Path:
        """The folder of everything it keeps."""
        return self.folder / "data"

    def run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run a command of Heard."""
        return subprocess.run(
            [sys.executable, "-m", "heard.cli", *words], env=self.environ, check=True, capture_output=True
        )

    def paper_code(self, name: str) -> str:
        """Return a code on paper of a demo login: unlike six digits it is good at any moment."""
        if not self.paper.get(name):
            self.paper = self._unused_codes()
        return self.paper[name].pop()

    def _unused_codes(self) -> dict[str, list[str]]:
        """Return all codes of everybody, unused again: tests sign in more often than ten times."""
        script = (
            "import django, json; django.setup()\n"
            "from allauth.mfa.models import Authenticator\n"
            "codes = {}\n"
            "for row in Authenticator.objects.filter(type='recovery_codes').select_related('user'):\n"
            "    row.data['used_mask'] = 0; row.save()\n"
            "    codes[row.user.email.partition('@')[0]] = row.wrap().get_unused_codes()\n"
            "print(json.dumps(codes))"
        )
        environ = self.environ | {"DJANGO_SETTINGS_MODULE": "heard.settings"}
        done = subprocess.run([sys.executable, "-c", script], env=environ, check=True, capture_output=True, text=True)
        codes: dict[str, list[str]] = json.loads(done.stdout)
        return codes

    def sql(self, statement: str) -> None:
        """Change the rows of the SQLite database by hand, as if time had passed."""
        with contextlib.closing(sqlite3.connect(self.data / "heard.sqlite3", timeout=20)) as database, database:
            database.execute(statement)

    def start(self) -> "Heard":
        """Serve."""
        words = ["serve", "--bind", f"127.0.0.1:{self.port}", *(["--with-worker"] if self.worker else [])]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "heard.cli", *words],
            env=self.environ,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        wait_for(self.port)
        return self

    def pids(self) -> list[int]:
        """Return the processes of the server, its workers included."""
        assert self.process
        found = subprocess.run(["ps", "-o", "pid=", "-g", str(self.process.pid)], capture_output=True, text=True).stdout
        return [int(pid) for pid in found.split()]

    def kill(self) -> None:
        """Kill everything at once, as a power cut would."""
        assert self.process
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Stop serving."""
        if self.process is not None and self.process.poll() is None:
            end(self.process)
        self.log.flush()

    def shell(self, code: str) -> str:
        """Run Python inside an installation and return what it prints."""
        setup = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'heard.settings'; import django; django.setup()\n"
        done = subprocess.run(
            [sys.executable, "-c", setup + code], env=self.environ, check=True, capture_output=True, text=True
        )
        return done.stdout

    def get(self, path: str, **headers: str) -> "Answer":
        """Ask for a page."""
        return self.ask("GET", path, b"", headers)

    def post(self, path: str, fields: dict[str, Any], **headers: str) -> "Answer":
        """Send a form as a browser does."""
        body = encode_multipart(BOUNDARY, fields)
        return self.ask("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"} | headers)

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> "Answer":
        """Send a request from an address that is easily found again, should it be kept anywhere."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=("127.0.0.77", 0))
        try:
            connection.request(method, path, body, {"User-Agent": "SpyBrowser/77", **headers})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def ask_until_answered(
        self, method: str, path: str, fields: dict[str, Any] | None = None, tries: int = 400
    ) -> "Answer":
        """Ask again when the connection breaks or the server stumbles, as a patient person would."""
        for _ in range(tries):
            try:
                answer = self.get(path) if method == "GET" else self.post(path, fields or {})
            except (OSError, HTTPException):
                time.sleep(0.1)
                continue
            if answer.status < 500:
                return answer
            time.sleep(0.1)
        raise TimeoutError(path)


class Answer:
    """What a server answered."""

    def __init__(self, response: HTTPResponse) -> None:
        self.status = response.status
        self.headers = dict(response.getheaders())
        self.content = response.read()
        self.text = self.content.decode(errors="replace")


def new_database(address: str) -> str:
    """Make an empty database in a cluster and return its address."""
    import psycopg

    name = f"heard_{os.urandom(6).hex()}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return urllib.parse.urlsplit(address)._replace(path=f"/{name}").geturl()
