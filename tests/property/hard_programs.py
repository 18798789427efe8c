"""Small programs, each full of what is hard to follow about one feature of Python."""

from __future__ import annotations

import sys

HARD_PROGRAMS: dict[str, str] = {
    "import *": """\
from os import *
from sys import path
import json
def f():
    return getcwd() + path
x = undefined_thing
def g(a):
    return json.dumps(listdir(a))
print(x, f(), g(1), name)
""",
    "__all__": """\
__all__ = [
    "f",
    "g",
    "C",
    "missing",
]
__all__ += ["h"]
def f(): return 1
def g(): return f()
class C:
    pass
try:
    import h
except ImportError:
    h = None
__all__ = __all__ + ["g"]
""",
    "global": """\
def set_it(value):
    global STATE, OTHER
    STATE = value
    OTHER = 2
def get():
    return STATE + OTHER
print(STATE)
def h():
    print(OTHER)
    global X
    X = 1
class A:
    global Y
    Y = 1
print(X, Y)
""",
    "nonlocal": """\
def counter():
    n = 0
    m = 1
    def step():
        nonlocal n, m
        n += 1
        m = n
        return n
    def other():
        nonlocal m
        m = 2
    return step, other
a, b = counter()
print(a(), b())
""",
    "class scopes": """\
x = 1
class A:
    x = 2
    y = [x for _ in range(3)]
    z = [i for i in range(x)]
    def f(self):
        return x
    class B:
        w = x
        def __init__(self):
            super().__init__()
            self.c = __class__
    q: int
    r: "B" = None
    print(__module__, __qualname__)
def k():
    return q
""",
    "used before it is a local": """\
import os
total = 0
max = 3
def f(xs):
    print(total)
    for x in xs:
        total = total + x
    max = max(xs)
    len = len(xs)
    sum = 0
    sum += 1
    return total, len, sum
def g():
    os.path
    os = 1
    def h():
        y
        total
        total = 1
        return y
    y = 2
    return h
""",
    "walrus": """\
import re
data = [1, 2, 3]
if (n := len(data)) > 2:
    print(n)
y = [last := v for v in data]
print(last)
def f(xs):
    return [(k, w) for k in xs if (w := k)] + [w]
class A:
    if (z := 3):
        q = z
while (m := re.match("a", "b")):
    print(m)
""",
    "del": """\
x = 1
y = 2
del x
print(y)
def f():
    a = 1
    b = 2
    del a
    if b:
        del b
    print(b)
    for i in range(3):
        del i
x = 3
print(x)
del x, y
""",
    "except as": """\
e = 1
try:
    import json
except ImportError as e:
    print(e)
    json = None
except (ValueError, KeyError) as e:
    raise e
else:
    ok = 1
finally:
    done = 1
print(e, json, ok, done)
def f():
    try:
        pass
    except Exception as err:
        print(err)
    print(err)
try:
    a
except:
    try:
        b = 1
    finally:
        b = 2
""",
    "try in a string": """\
def f():
    \"\"\"
    try:
        x
    except:
    \"\"\"
    try:
        x = 1
    except ValueError:
        x = 2
    else:
        x = 3
    return \"\"\"
try:
\"\"\"
def g():
    try:
        y = 1
    except* OSError:
        y = 2
    except* ValueError:
        y = 3
    return y
""",
    "headers of several lines": """\
import functools
def deco(arg):
    def inner(f):
        @functools.wraps(f)
        def call(*a, **k):
            return f(*a, **k)
        return call
    return inner
@deco(
    1,
)
@functools.lru_cache(
    maxsize=None,
    typed=True,
)
def f(
    a,
    b=1,
    *,
    c: int = 2,
    **d,
) -> int:
    return a + b + c
@deco(1)
class A(
    dict,
    metaclass=type,
):
    pass
""",
    "annotations and strings in them": """\
from typing import List, Optional, TypeVar, cast
import typing as t
T = TypeVar("T")
class Node:
    left: Optional["Node"]
    items: List["Item"] = []
    def add(self, other: "Node", n: "List[Item]") -> "Node":
        v: "Unknown" = 1
        w: t.Dict[str, "Item"] = {}
        return other
class Item:
    pass
def f(x: Node, y: Item = None) -> List[Item]:
    z: T
    print(z)
    return cast(Node, y)
""",
    "annotations from the future": """\
from __future__ import annotations
from dataclasses import dataclass
@dataclass
class A:
    b: B
    c: int = 0
    def f(self, x: C) -> D: ...
@dataclass
class B:
    a: A
class C: pass
class D: pass
x: A
y: x
def g(p: x): pass
""",
    "match": """\
def f(x):
    match x:
        case [a, *rest] if a:
            return a, rest
        case {"k": v, **kw}:
            return v, kw
        case A(b, c=d) | A(
            d,
            c=b,
        ):
            return b, d
        case (1 | 2) as n:
            return n
        case _:
            return None
class A: pass
match (
    1,
    2,
    3,
):
    case (p, q, r):
        print(p, q, r)
""",
    "format strings": """\
name = "x"
w = 3
print(f"{name!r:>{w}} {name}")
s = f\"\"\"
{name}
  {w}
\"\"\"
t = (
    f"{name}"
    f"{w}"
    "plain"
)
u = "%s %s" % (
    name,
    w,
)
v = "{} {}".format(
    name,
    w,
)
z = "%(a)s %(b)s" % {
    "a": 1,
    "b": 2,
}
""",
    "conditional definitions": """\
import sys
if sys.version_info > (3,):
    def f(): return 1
    Text = str
else:
    def f(): return 2
    Text = bytes
def g():
    return f(), Text
for f in range(3):
    pass
else:
    f = None
with open("x") as fh, open("y") as (a, b):
    print(fh, a, b)
exec("z = 1")
lam = lambda x, *y, k=f, **kw: (x, y, k, kw, (lambda q: q + x))
""",
    "statements of several lines": """\
import os, sys; x = 1; y = 2
if x: y = 3
elif y: z = 4
else: z = 5
for i in [1,
          2,
          3]: print(i); continue
class A: b = 1; c = b
def f(a, b): return a; print(b)
value = call(
    nested(
        1,
        2,
    ),
    [
        x
        for x in y
        if x
    ],
    {
        "a": 1,
        **other,
    },
    key=lambda v: (
        v
    ),
)
text = "a" \\
    "b" \\
    "c"
async def co(xs):
    async for x in xs:
        await x
    async with xs as q:
        yield q
    r = [
        await z
        async for z in xs
        if z
    ]
    return
""",
    "comments, blank lines, a form feed": """\
# top
import os  # os

# about f

def f():
    # first

    \"\"\"not a doc
    string\"\"\"

    x = [  # open
        # inside
        1,

        2,
    ]  # close

    # last
    return x
# between
\fclass A:
    \"\"\"Doc

    text
    \"\"\"

    def m(self):
        return 1
""",
    "except NameError": """\
try:
    unicode
    x = basestring
except NameError:
    unicode = str
except (
    KeyError,
    ValueError,
):
    pass
try:
    y = x
    try:
        z = x
    except (
        KeyError,
        NameError,
        ValueError,
    ):
        z = unicode
except ValueError:
    pass
print(unicode, x, y, z)
def f():
    try:
        return gone
    except NameError:
        return x
""",
}
if sys.version_info >= (3, 12):
    HARD_PROGRAMS["type parameters (3.12)"] = """\
type Alias[T] = list[T] | Other
def f[T: int, *Ts, **P](x: T) -> T:
    return x
class C[T](list[T]):
    def m[U](self, u: U) -> T: ...
class Other: pass
"""
