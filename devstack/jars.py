"""Kafka's jars, resolved once by jgo and kept in the user's cache."""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

KAFKA = "4.3.1"
_ENDPOINTS = (f"org.apache.kafka:kafka_2.13:{KAFKA}", "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3")
"""Resolved one by one: together, log4j's own list of versions would push an older Kafka client in."""

Say = Callable[[str], None]


class JarsMissing(Exception):
    """Kafka's jars could not be had; the message says what to do."""


def cache_folder() -> Path:
    """Return the folder that is kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "bookstream"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def class_path(say: Say) -> str:
    """Return Java's class path for Kafka; the first time the jars are downloaded. Raises JarsMissing."""
    folder = cache_folder()
    known = folder / f"kafka-{KAFKA}.classpath"
    with _alone(folder / "jars.lock"):
        if known.exists() and _there(known.read_text()):
            return known.read_text()
        with _progress(say, folder / "jars"):
            path = _resolve(folder / "jars")
        known.write_text(path)
        return path


def _there(path: str) -> bool:
    return all(any(Path(part).parent.glob("*.jar")) for part in path.split(os.pathsep))


def _resolve(folder: Path) -> str:
    import jgo  # noqa: PLC0415, it takes a moment to import and is needed once

    try:
        resolved = [jgo.build(endpoint, cache_dir=folder) for endpoint in _ENDPOINTS]
    except Exception as error:
        raise JarsMissing(
            f"Kafka's jars could not be downloaded ({type(error).__name__}: {error}). Check the network, or name a "
            "running broker in KAFKA_BOOTSTRAP_SERVERS."
        ) from error
    folders = [one for found in resolved for one in (found.jars_dir, found.modules_dir) if any(one.glob("*.jar"))]
    return os.pathsep.join(f"{one}/*" for one in folders)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def _progress(say: Say, folder: Path) -> Iterator[None]:
    say(f"Kafka {KAFKA}: first run, downloading about 45 MB of jars")
    done = threading.Event()

    def watch() -> None:
        while not done.wait(2):
            size = sum(one.stat().st_size for one in folder.rglob("*.jar") if one.exists())
            say(f"Kafka {KAFKA}: {size / 1e6:.0f} MB so far")

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()
