"""What a program writes, kept within bounds."""

from __future__ import annotations


class Output:
    """What a stream said: its head and its tail, and how much in all."""

    def __init__(self, kept_bytes: int) -> None:
        self._kept = kept_bytes
        self.head = bytearray()
        self.tail = bytearray()
        self.size = 0

    def add(self, data: bytes) -> None:
        """Take in what was read."""
        self.size += len(data)
        room = self._kept - len(self.head)
        self.head += data[: max(0, room)]
        self.tail += data[max(0, room) :]
        if len(self.tail) > 2 * self._kept:
            del self.tail[: -self._kept]

    def text(self) -> str:
        """Head and tail as text."""
        gap = b"" if self.size == len(self.head) + len(self.tail) else b"\n[...]\n"
        return (self.head + gap + self.tail[-self._kept :]).decode("utf-8", "replace")
