"""What engines are asked for, what is said when they cannot, and the streams between."""

from __future__ import annotations

import importlib.metadata
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lintseq_core.execution.backends import Container, IsolationError, Job, container
from lintseq_core.execution.harness.bundle import bundle_folder
from lintseq_core.execution.harness.seccomp import container_profile
from lintseq_core.execution.inside.streams import (
    CHANNEL,
    ENDED,
    STDERR,
    STDOUT,
    Outbox,
    Unpacker,
    packed,
)
from lintseq_core.execution.limits import MIB, Limits

LIMITS = Limits(cpu_s=2.0, memory_bytes=100 * MIB, disk_bytes=10 * MIB)


def engine(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program called `name` first on PATH."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


ANSWERS = 'case "$1" in version) echo 9.9;; info) echo "[name=seccomp]";; esac'


def command(launch_command: list[str]) -> list[str]:
    return launch_command[launch_command.index("run") :]


@pytest.mark.parametrize("name", ["docker", "podman"])
def test_a_container_has_no_network_no_capability_and_nothing_to_write_to(
    name: container.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(tmp_path, name, ANSWERS, monkeypatch)
    backend = Container(name)
    launch = backend.launch(Job("child", LIMITS), 7)
    try:
        said = " ".join(command(launch.command))
        for words in (
            "--network none",
            "--read-only",
            "--cap-drop ALL",
            "--security-opt no-new-privileges",
            "--pids-limit 66",
            f"--memory {100 * MIB + 10 * MIB + 16 * MIB + 64 * MIB}",
            f"--tmpfs /box:rw,nosuid,nodev,size={10 * MIB},mode=0777",
            "--rm",
            "--log-driver none",
            "--pull never",
            f"--security-opt seccomp={bundle_folder()}/seccomp.json",
        ):
            assert words in said, words
        assert "--privileged" not in said and "--volume" not in said
        mounts = [word for word in command(launch.command) if word.startswith("type=bind")]
        assert mounts and all(word.endswith(",readonly") for word in mounts)
        assert (backend.name, str(backend.level)) == (name, "L3")
    finally:
        launch.clean()
        os.close(launch.descriptors[0])


def test_a_container_shows_packages_read_only_and_only_those(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(tmp_path, "docker", ANSWERS, monkeypatch)
    backend = Container("docker")
    launch = backend.launch(Job("child", LIMITS, ("numpy",)), 7)
    try:
        mounts = [word for word in command(launch.command) if ",target=/site/" in word]
        shown = {word.partition(",target=")[2] for word in mounts}
        version = importlib.metadata.version("numpy")
        wanted = {"/site/0/numpy,readonly", f"/site/0/numpy-{version}.dist-info,readonly"}
        assert wanted <= shown <= {*wanted, "/site/0/numpy.libs,readonly"}
        assert launch.python_paths == ("/site/0",)
    finally:
        launch.clean()
        os.close(launch.descriptors[0])


def test_gvisor_is_another_kernel_and_filters_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(tmp_path, "docker", ANSWERS, monkeypatch)
    backend = Container("docker", "runsc")
    launch = backend.launch(Job("child", LIMITS), 7)
    try:
        said = " ".join(command(launch.command))
        assert "--runtime runsc" in said and "seccomp=" not in said
        assert (backend.name, str(backend.level)) == ("gvisor", "L4")
    finally:
        launch.clean()
        os.close(launch.descriptors[0])


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'Cannot connect to the daemon.' >&2; exit 1",
         "docker cannot be used: Cannot connect to the daemon. Start its service, or let this user use it"),
        ("sleep 60", "docker does not answer within 0.5 s: start its service again"),
    ],
)  # fmt: skip
def test_an_engine_that_cannot_run_is_refused_in_one_line_in_time(
    script: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "PROBE_S", 0.5)
    engine(
        tmp_path, "docker", f"exec sh -c '{script}'" if "sleep" in script else script, monkeypatch
    )
    with pytest.raises(IsolationError) as error:
        Container("docker")
    assert str(error.value) == said


def test_an_engine_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(IsolationError, match="podman is not installed"):
        Container("podman")


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_profile_of_containers_allows_what_the_filter_of_boxes_does(machine: str) -> None:
    profile = json.loads(container_profile(machine))
    rules = {name: rule for rule in profile["syscalls"] for name in rule["names"]}
    assert (profile["defaultAction"], profile["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", 38)
    assert {"read", "execve", "futex"} <= set(rules)
    assert not {"ptrace", "mount", "bpf", "io_uring_setup", "unshare", "clone3"} & set(rules)
    assert rules["clone"]["args"][0]["op"] == "SCMP_CMP_MASKED_EQ"
    families = [r["args"][0]["value"] for r in profile["syscalls"] if r["names"] == ["socket"]]
    assert families == [1]
    loopback = json.loads(container_profile(machine, loopback=True))
    families = [r["args"][0]["value"] for r in loopback["syscalls"] if r["names"] == ["socket"]]
    assert families == [1, 2, 10]


def test_pieces_come_out_as_they_went_in_however_they_are_cut() -> None:
    pieces = [(CHANNEL, b"abc"), (STDOUT, b""), (STDERR, b"x" * 70), (ENDED, b"0 0.1 ")]
    whole = b"".join(packed(*piece) for piece in pieces)
    for size in (1, 4, 5, 7, len(whole)):
        unpacker = Unpacker()
        found = []
        for start in range(0, len(whole), size):
            found += unpacker.feed(whole[start : start + size])
        assert found == pieces


def test_a_piece_longer_than_any_is_refused() -> None:
    with pytest.raises(ValueError, match="no piece"):
        Unpacker().feed(b"c" + (1 << 20).to_bytes(4, "big"))


def test_an_outbox_keeps_what_does_not_go_and_drops_what_nobody_reads() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    outbox = Outbox(writing)
    outbox.add(b"x" * (1 << 20))
    assert outbox.is_open and outbox.pending
    os.close(reading)
    outbox.flush()
    assert not outbox.is_open and not outbox.pending
    os.close(writing)


ENGINE = """
import os, sys
sys.path.insert(0, {root!r})
from lintseq_core.execution.inside.streams import *
unpacker, given, asked = Unpacker(), b"", b""
while b"?" not in asked or b"!" not in given:
    for stream, piece in unpacker.feed(os.read(0, 65536)):
        if stream == CHANNEL: asked += piece
        if stream == STDIN: given += piece
os.write(1, packed(CHANNEL, b"answer") + packed(STDOUT, given) + packed(STDERR, b"warning"))
os.write(2, b"engine")
os.write(1, packed(CHANNEL) + packed(ENDED, b"7 0.250 timeout_cpu"))
sys.exit(3)
"""


def test_the_carrier_sorts_the_streams_and_ends_with_the_programs_status(tmp_path: Path) -> None:
    script = tmp_path / "engine.py"
    script.write_text(ENGINE.format(root=str(Path(__file__).parents[3])))
    ours, theirs = socket.socketpair()
    reading, writing = os.pipe()
    carrier = [sys.executable, f"{bundle_folder()}/carrier.pyc", str(theirs.fileno()), str(writing)]
    process = subprocess.Popen(
        [*carrier, sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=(theirs.fileno(), writing),
    )
    theirs.close()
    os.close(writing)
    ours.sendall(b"what?")
    out, err = process.communicate(b"input!", timeout=30)
    assert (ours.recv(100), out, process.returncode) == (b"answer", b"input!", 7)
    assert b"engine" in err and b"warning" in err
    assert os.read(reading, 100) == b"7 0.250 timeout_cpu"
    os.close(reading)
    ours.close()


def test_the_carrier_ends_when_the_harness_is_gone() -> None:
    ours, theirs = socket.socketpair()
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [
            sys.executable,
            f"{bundle_folder()}/carrier.pyc",
            str(theirs.fileno()),
            str(writing),
            "/bin/cat",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(theirs.fileno(), writing),
    )
    theirs.close()
    os.close(writing)
    ours.close()
    assert process.wait(timeout=30) == 1
    assert os.read(reading, 100) == b""  # nothing told: whoever cleans up knows that it must
    os.close(reading)
