"""The four sizes that every experiment comes in."""

from __future__ import annotations

from typing import Literal, get_args

Profile = Literal["smoke", "cpu", "small", "paper"]
PROFILES: tuple[Profile, ...] = get_args(Profile)

MEANING: dict[Profile, str] = {
    "smoke": "seconds to a minute on a CPU: every path of the code, numbers that mean nothing",
    "cpu": "minutes to an hour on a CPU",
    "small": "one GPU, half an hour at most",
    "paper": "the authors' settings: planned and counted here, run on a machine that has them",
}
