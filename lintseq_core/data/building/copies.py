"""Which programs are copies of an earlier one: decided in the order of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintseq_core.data.building.items import DIGEST_BYTES, Drop, Made, Seen
from lintseq_core.data.settings import BuildSettings

if TYPE_CHECKING:
    from lintseq_core.data.building.near import NearIndex


class Copies:
    """The programs so far; about 100 bytes each, 2 to 4 kB where near-duplicates are looked for."""

    def __init__(self, settings: BuildSettings) -> None:
        self._exact: set[int] | None = set() if settings.dedup else None
        self._near: NearIndex | None = None
        if settings.near_dedup is not None:
            from lintseq_core.data.building.near import NearIndex

            self._near = NearIndex(settings.near_dedup)

    def admit(self, item: Made | Drop | Seen) -> Made | Drop:
        """`item`, or the drop it becomes as a copy; what is admitted is remembered."""
        if isinstance(item, Drop):
            return item
        row = f"row {item.index + 1}"
        digest = int.from_bytes(item.digest, "big")
        if self._exact is not None and digest in self._exact:
            return Drop(item.index, "duplicate", f"{row}: same program as an earlier row")
        if isinstance(item, Seen):  # met before, yet not admitted: it was nearly another
            why = "same program as an earlier near-duplicate"
            return Drop(item.index, "near_duplicate", f"{row}: {why}")
        if self._near is not None and item.signature is not None:
            near = self._near.find(item.signature)
            if near is not None:
                why = f"nearly the program of row {near + 1}"
                return Drop(item.index, "near_duplicate", f"{row}: {why}")
            self._near.add(item.index, item.signature)
        if self._exact is not None:
            self._exact.add(digest)
        return item

    def restore(self, indexes: list[int], digests: bytes, signatures: bytes) -> None:
        """Remember the programs of a shard that an earlier run finished."""
        if self._exact is not None:
            self._exact.update(
                int.from_bytes(digests[start : start + DIGEST_BYTES], "big")
                for start in range(0, len(digests), DIGEST_BYTES)
            )
        if self._near is not None and indexes:
            size = len(signatures) // len(indexes)
            for place, index in enumerate(indexes):
                self._near.add(index, signatures[place * size : (place + 1) * size])
