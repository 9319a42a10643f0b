"""Kafka's jars: whole or not there, and where they cannot be had, what to do."""

from pathlib import Path

import pytest

from devstack.jars import JarsMissing, class_path

NOBODY = "http://127.0.0.1:9"
"""A proxy at which nobody answers."""


async def test_what_a_killed_download_left_is_not_taken_for_kafka(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Given a cache with a download that was cut off, and no network
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, NOBODY)
    (tmp_path / "bookstream" / "downloading-cut" / "jars").mkdir(parents=True)
    # Then it is not used, and the failure says what to do
    with pytest.raises(JarsMissing, match="Check the network, or name a running broker in KAFKA_BOOTSTRAP_SERVERS"):
        await class_path(lambda _: None)
    # Then nothing of both is left
    assert [one.name for one in (tmp_path / "bookstream").iterdir()] == ["jars.lock"]


async def test_jars_that_are_there_are_used_without_a_word(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Given a cache with the jars, and no network
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", NOBODY)
    jars = tmp_path / "bookstream" / "kafka-4.3.1"
    jars.mkdir(parents=True)
    said = list[str]()
    # Then they are the class path
    assert await class_path(said.append) == f"{jars}/*"
    assert said == []


async def test_a_cache_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Given a file where the cache should be a folder
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    # Then it says which folder, and how to name another
    with pytest.raises(JarsMissing, match=rf"kept in {tmp_path}/file/bookstream, .* Name another folder in XDG_CACHE"):
        await class_path(lambda _: None)
