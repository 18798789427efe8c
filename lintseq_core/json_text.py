"""JSON as every reader takes it: without NaN and Infinity, which Python alone writes and reads."""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any, **options: Any) -> str:
    """`value` as JSON; null stands for NaN and for both infinities. Options as of `json.dumps`.

    >>> json_text({"loss": float("nan"), "texts": ["NaN"]})
    '{"loss": null, "texts": ["NaN"]}'
    """
    try:
        return json.dumps(value, allow_nan=False, **options)
    except ValueError:
        finite = json.loads(json.dumps(value, **options), parse_constant=lambda _: None)
        return json.dumps(finite, allow_nan=False, **options)


def json_fault(error: ValueError | RecursionError) -> str:
    """What `json.loads` found wrong; characters count from 1.

    >>> try: json.loads('{"a": tru}')
    ... except ValueError as error: print(json_fault(error))
    not JSON: Expecting value at character 7
    """
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at character {error.pos + 1}".replace(" at at ", " at ")
    return f"not JSON: {error}"
