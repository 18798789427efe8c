"""Several streams over one, between the carrier outside a container and the relay inside it.

A piece is one byte that names its stream, four bytes of length, and the data; no data is the end of
that stream. Runs on both sides, with the standard library's C parts only.
"""

from __future__ import annotations

from posix import read, write

CHANNEL, STDIN, STDOUT, STDERR = b"c", b"i", b"o", b"e"
ENDED = b"x"  # relay: "exit status SPACE cpu seconds SPACE verdict"; nothing comes after it
PIECE = 1 << 16


def packed(stream: bytes, data: bytes = b"") -> bytes:
    """One piece, ready to write."""
    return stream + len(data).to_bytes(4, "big") + data


class Unpacker:
    """Bytes in any portions in, whole pieces out."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """The pieces that `data` completes; raises ValueError for what is none."""
        self._held += data
        pieces: list[tuple[bytes, bytes]] = []
        while len(self._held) >= 5:
            length = int.from_bytes(self._held[1:5], "big")
            if length > PIECE:
                raise ValueError("no piece of a stream")
            if len(self._held) < 5 + length:
                break
            pieces.append((bytes(self._held[:1]), bytes(self._held[5 : 5 + length])))
            del self._held[: 5 + length]
        return pieces


class Outbox:
    """What is still to be written to a descriptor that must not make us wait."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.pending = bytearray()
        self.is_open = True

    def add(self, data: bytes) -> None:
        """Write as much as goes now, keep the rest; once nobody reads, drop it."""
        if self.is_open:
            self.pending += data
            self.flush()

    def flush(self) -> None:
        """Write as much of the rest as goes now."""
        try:
            while self.pending:
                del self.pending[: write(self.descriptor, self.pending[:PIECE])]
        except BlockingIOError:
            pass
        except OSError:
            self.is_open = False
            self.pending.clear()


def write_all(descriptor: int, data: bytes) -> None:
    """Write `data`, however long that takes."""
    left = memoryview(data)
    while left:
        left = left[write(descriptor, left) :]


def read_some(descriptor: int) -> bytes | None:
    """What can be read now, at most a piece; b"" at the end of the stream, None if nothing came."""
    try:
        return read(descriptor, PIECE)
    except BlockingIOError:  # the program has read its own output away
        return None
    except OSError:  # a socket whose other end closed with data unread
        return b""
