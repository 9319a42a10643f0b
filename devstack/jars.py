"""Kafka's jars, resolved once by jgo and kept in the user's cache.

They are downloaded into a folder of their own, which gets its final name when it is whole: a run that is killed amid
its download leaves nothing that a later one would take for Kafka.
"""

import asyncio
import fcntl
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

KAFKA = "4.3.1"
_ENDPOINTS = (f"org.apache.kafka:kafka_2.13:{KAFKA}", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4")
"""Both with one log4j. Resolved one by one: together, log4j's list of versions would push an older Kafka client in."""
_UNFINISHED = "downloading-"

Say = Callable[[str], None]


class JarsMissing(Exception):
    """Kafka's jars could not be had; the message says what to do."""


async def class_path(say: Say) -> str:
    """Return Java's class path for Kafka; the first time the jars are downloaded. Raises JarsMissing."""
    found = Future[str]()
    found.set_running_or_notify_cancel()

    def find() -> None:
        try:
            found.set_result(_class_path(say))
        except Exception as error:  # noqa: BLE001, whatever it is, it is raised where it is awaited
            found.set_exception(error)

    threading.Thread(target=find, daemon=True).start()  # not one of the loop's own: Ctrl-C would wait for those
    return await asyncio.wrap_future(found)


def _class_path(say: Say) -> str:
    cache = _cache_folder()
    jars = cache / f"kafka-{KAFKA}"
    if not jars.exists():
        with _alone(cache / "jars.lock", say):
            if not jars.exists():
                _download(jars, say)
    return f"{jars}/*"


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "bookstream"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise JarsMissing(
            f"Kafka's jars are kept in {folder}, where this user may not write ({error.strerror}). "
            "Name another folder in XDG_CACHE_HOME."
        ) from None
    return folder


def _download(jars: Path, say: Say) -> None:
    for left in jars.parent.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)  # of a run that was killed: only one runs at a time
    folder = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=jars.parent))
    try:
        with _progress(say, folder):
            _resolve(folder)
        (folder / "jars").rename(jars)
    except Exception as error:
        raise JarsMissing(
            f"Kafka's jars could not be downloaded ({type(error).__name__}: {error}). Check the network, or name a "
            "running broker in KAFKA_BOOTSTRAP_SERVERS."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _resolve(folder: Path) -> None:
    from jgo.env import EnvironmentBuilder  # noqa: PLC0415, it takes a moment to import and is needed once
    from jgo.maven import MavenContext  # noqa: PLC0415

    builder = EnvironmentBuilder(MavenContext(repo_cache=folder / "repository"), cache_dir=folder / "environments")
    found = [builder.from_endpoint(endpoint) for endpoint in _ENDPOINTS]
    (folder / "jars").mkdir()
    for one in found:
        for jar in (*one.jars_dir.glob("*.jar"), *one.modules_dir.glob("*.jar")):
            shutil.copy(jar, folder / "jars")


@contextmanager
def _alone(lock: Path, say: Say) -> Iterator[None]:
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Kafka {KAFKA}: another run is downloading the jars, waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def _progress(say: Say, folder: Path) -> Iterator[None]:
    say(f"Kafka {KAFKA}: first run, downloading about 45 MB of jars")
    done = threading.Event()

    def watch() -> None:
        while not done.wait(2):
            size = sum(one.stat().st_size for one in folder.glob("repository/**/*.jar"))
            say(f"Kafka {KAFKA}: {size / 1e6:.0f} MB so far")

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()
