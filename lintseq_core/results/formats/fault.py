"""What is wrong with a file, a row or a field, as a value; and the error that it is raised as."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lintseq_core.errors import LintSeqError, RecordError, readable


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not fit its format; `str` is the sentence for a person.

    >>> print(Fault("f, row 2", "field 'x' is a list", "write one row a sample", field="x"))
    f, row 2: field 'x' is a list; write one row a sample
    """

    place: str
    """Where it stands, with the name of the file; "" where the sentence needs none."""
    what: str
    remedy: str = ""
    field: str = ""
    """The field that does not fit, where it is one."""

    def __str__(self) -> str:
        sentence = f"{self.what}; {self.remedy}" if self.remedy else self.what
        return readable(f"{self.place}: {sentence}" if self.place else sentence)

    def with_remarks(self, remarks: Iterable[str]) -> Fault:
        """The same, and `remarks` after what is to be done."""
        return replace(self, remedy="; ".join(filter(None, (self.remedy, *remarks))))


def fault_of_record(error: RecordError, place: str) -> Fault:
    """What is wrong with a record that stands at `place`.

    >>> fault_of_record(RecordError("3 for 2 lines", field="reasons[1].absent"), "f, row 2")
    Fault(place='f, row 2', what='reasons[1].absent: 3 for 2 lines', remedy='', field='reasons')
    """
    what = str(RecordError(error.what, field=error.field))
    name = error.field.partition("[")[0].partition(".")[0]
    return Fault(place, what, error.remedy, field=name)


class FormatError(LintSeqError):
    """A file, row or field that does not fit its format: names the place and the remedy."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.args = (fault,)  # for copies in other processes, which are made from it
        self.fault = fault

    @property
    def field(self) -> str:
        """The field that does not fit, where it is one."""
        return self.fault.field
