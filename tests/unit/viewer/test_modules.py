"""Scripts are ES modules as they stand, and one text when joined; all else is refused by place."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pygments.lexers.javascript import JavascriptLexer
from pygments.token import Token

from lintseq_core.viewer.modules import join_modules

ROOT = Path(__file__).parents[3]
FOLDERS = ("lintseq_core/viewer", "lintseq_core/lessons", "dashboard/components")
MODULES = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.js"))
BROWSER = frozenset(
    """
    Array Boolean Error Infinity IntersectionObserver JSON Map Math NaN Number Object
    ResizeObserver Set String URL WeakMap addEventListener clearTimeout document getComputedStyle
    history localStorage location navigator parseFloat parseInt performance setTimeout window CSS
    """.split()  # noqa: SIM905
)
"""What modules may name without import: names of every browser."""

PARSE = """
const texts = JSON.parse(require("fs").readFileSync(process.argv[1], "utf-8"));
for (const text of texts) new (require("vm").SourceTextModule)(text);
process.stdout.write(`${texts.length} modules`);
"""

LEAF = "export function leaf() {}\n"
JOINED = [
    pytest.param({"entry.js": "const a = 1;\n"}, "const a = 1;\n", id="one file"),
    pytest.param(
        {"entry.js": 'import { leaf } from "./leaf.js";\nleaf();\n', "leaf.js": LEAF},
        "function leaf() {}\n\nleaf();\n",
        id="what is imported comes first and is not exported",
    ),
    pytest.param(
        {
            "entry.js": 'import {\n  leaf,\n  other,\n} from "./leaf.js";\nleaf(other);\n',
            "leaf.js": f"{LEAF}export const other =\n  2;\n",
        },
        "function leaf() {}\nconst other =\n  2;\n\nleaf(other);\n",
        id="an import on several lines, a value on the next",
    ),
    pytest.param(
        {
            "entry.js": 'import { left } from "./left.js";\nimport { leaf } from "./leaf.js";\n',
            "left.js": 'import { leaf } from "./leaf.js";\nexport async function left() { leaf(); }\n',
            "leaf.js": LEAF,
        },
        "function leaf() {}\n\nasync function left() { leaf(); }\n\n",
        id="a file that two import stands once",
    ),
    pytest.param(
        {"entry.js": "export const a = 1;\nexport default function ({ b }) {\n}\n"},
        "export const a = 1;\nexport default function ({ b }) {\n}\n",
        id="the entry keeps its exports",
    ),
    pytest.param(
        {"entry.js": "export default {\n  render() {},\n};\n"},
        "export default {\n  render() {},\n};\n",
        id="an object as default",
    ),
    pytest.param(
        {"entry.js": 'import { leaf } from "./under/leaf.js";\n', "under/leaf.js": LEAF},
        "function leaf() {}\n\n",
        id="another folder",
    ),
    pytest.param(
        {"entry.js": 'const [, one = "0"] = [];\nconst { two } = {};\nlet three;\n'},
        'const [, one = "0"] = [];\nconst { two } = {};\nlet three;\n',
        id="several names at once",
    ),
]
FORM = "not a form that is joined: "
REFUSED = [
    ('import * as all from "./leaf.js";', f"1: {FORM}import * as all"),
    ('import leaf from "./leaf.js";', f"1: {FORM}import leaf"),
    ('import "./leaf.js";', f"1: {FORM}import "),
    ('import { leaf as twig } from "./leaf.js";', f"1: {FORM}import {{ leaf as"),
    ("import { leaf } from './leaf.js';", f"1: {FORM}import {{ leaf }}"),
    ('import { leaf } from "leaf";', f"1: {FORM}import {{ leaf }}"),
    ('import { leaf } from "https://example.org/leaf.js";', f"1: {FORM}import {{ leaf }}"),
    ('import { leaf } from "./leaf.js"; leaf();', f"1: {FORM}import {{ leaf }}"),
    ('  import { leaf } from "./leaf.js";', f"1: {FORM}import {{ leaf }}"),
    ('\nconst a = await import("./leaf.js");', f"2: {FORM}import("),
    ("\nconst a = import.meta.url;", f"2: {FORM}import.meta"),
    ("\n\nexport let a = 1;", f"3: {FORM}export let a = 1;"),
    ("export class A {}", f"1: {FORM}export class A"),
    ("class A {}", f"1: {FORM}class A"),
    ("var a = 1;", f"1: {FORM}var a"),
    ("function* a() {}", f"1: {FORM}function* a"),
    ("const { a: b } = {};", f"1: {FORM}const {{ a: b }}"),
    ("const a = 1;\nexport { a };", f"2: {FORM}export {{ a }}"),
    ('export * from "./leaf.js";', f"1: {FORM}export *"),
    ('export { leaf } from "./leaf.js";', f"1: {FORM}export {{ leaf }}"),
    ("export default 3;", f"1: {FORM}export default 3"),
    ("export default class {}", f"1: {FORM}export default class"),
    ('import { twig } from "./leaf.js";', "1: leaf.js does not export twig"),
    ('import { hidden } from "./leaf.js";', "1: leaf.js does not export hidden"),
    ('import { leaf } from "./branch.js";', "1: there is no file "),
    ('import { leaf } from "./entry.js";', "1: a circle of imports: entry.js imports this file"),
    ("const a = 1;\nfunction a() {}", "2: a is declared twice"),
    ('import { leaf } from "./leaf.js";\nconst leaf = 1;', "2: leaf is a name of "),
    ('import { leaf } from "./leaf.js";\n\nconst hidden = 1;', "3: hidden is a name of "),
]


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "entry.js"


@pytest.mark.parametrize(("files", "joined"), JOINED)
def test_modules_are_joined_in_the_order_of_their_imports(
    tmp_path: Path, files: dict[str, str], joined: str
) -> None:
    assert join_modules(write(tmp_path, files)) == joined


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_not_joined_is_refused_with_file_and_line(
    tmp_path: Path, text: str, message: str
) -> None:
    entry = write(tmp_path, {"entry.js": f"{text}\n", "leaf.js": f"{LEAF}const hidden = 1;\n"})
    with pytest.raises(ValueError, match=re.escape(f"{entry}:{message}")):
        join_modules(entry)


def test_a_longer_circle_and_a_default_below_the_entry_are_refused(tmp_path: Path) -> None:
    first = 'import { b } from "./b.js";\nexport const a = 1;\n'
    entry = write(
        tmp_path,
        {"entry.js": first, "b.js": '\nimport { a } from "./entry.js";\nexport const b = 1;\n'},
    )
    with pytest.raises(ValueError, match=r"b\.js:2: a circle of imports: entry\.js"):
        join_modules(entry)
    write(tmp_path, {"b.js": "export const b = 1;\nexport default {\n};\n"})
    with pytest.raises(ValueError, match=rf"b\.js:2: {FORM}export default"):
        join_modules(entry)


def test_a_path_into_the_package_leads_there_from_wherever_a_file_is_installed(
    tmp_path: Path,
) -> None:
    text = 'import { count } from "../../lintseq_core/viewer/words.js";\n'
    joined = join_modules(write(tmp_path, {"entry.js": text}))
    assert "\nfunction count(" in joined
    assert "export" not in joined


# ------------------------------------------------------------------ our own scripts
def tokens_of(text: str) -> list[tuple[bool, str]]:
    """(is a name, text) of each token; punctuation one character each."""
    found = []
    for kind, value in JavascriptLexer().get_tokens(text):
        if kind in Token.Comment or not value.strip():
            continue
        if kind in Token.Literal and kind is not Token.Literal.String.Interpol:
            parts = ["text"]
        else:
            parts = list(value) if kind in Token.Punctuation else [value]
        found += [(kind in Token.Name, part) for part in parts]
    return found


def names_of(text: str) -> tuple[set[str], set[str]]:
    """The names that `text` uses, and those that it binds itself, in whatever scope."""
    tokens = [(False, ""), *tokens_of(text), (False, ""), (False, "")]
    values = [value for _, value in tokens]
    closes: dict[int, int] = {}  # where a bracket is closed
    opened: list[int] = []
    for at, (is_name, value) in enumerate(tokens):
        if is_name:
            continue
        if value in ("(", "[", "{", "${"):
            opened.append(at)
        elif value in (")", "]", "}"):
            closes[opened.pop()] = at

    def is_named(at: int) -> bool:
        """Whether a name at `at` stands for itself: not behind a dot, and no key."""
        is_member = values[at - 1] == "." and values[at - 2 : at] != [".", "."]
        is_key = values[at + 1] == ":" and values[at - 1] in ("{", ",")
        is_method = (
            values[at + 1] == "("
            and values[closes[at + 1] + 1] == "{"
            and values[at - 1] in ("{", ",", "get")
        )
        return not (is_member or is_key or is_method)

    used, bound = set(), set()
    for at, (is_name, value) in enumerate(tokens):
        if is_name and is_named(at) and not (value == "get" and tokens[at + 1][0]):
            used.add(value)
        end = closes.get(at)
        if is_name and (
            values[at - 1] in ("const", "let", "function") or values[at + 1 : at + 3] == ["=", ">"]
        ):
            bound.add(value)
        elif end is not None and value in ("[", "{", "("):
            is_pattern = values[at - 1] in ("const", "let")
            is_arrow = value == "(" and values[end + 1 : end + 3] == ["=", ">"]
            is_function = value == "(" and values[end + 1] == "{" and tokens[at - 1][0]
            if is_pattern or is_arrow or is_function or values[at - 1] == "function":
                bound |= {values[i] for i in range(at, end) if tokens[i][0] and is_named(i)}
    return used, bound


def imported_of(text: str) -> set[str]:
    return {
        name
        for names in re.findall(r"^import \{([^}]*)\}", text, re.MULTILINE)
        for name in re.findall(r"\w+", names)
    }


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_a_module_imports_every_name_that_it_uses_and_no_other(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    imported = imported_of(text)
    used, bound = names_of(re.sub(r"^import \{[^}]*\} from .*", "", text, flags=re.MULTILINE))
    assert sorted(used - bound - imported - BROWSER) == []
    assert sorted(imported - used) == []


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_a_module_is_joined_and_hides_no_name_of_the_browser(path: Path) -> None:
    joined = join_modules(path)
    assert not re.search(r"^import\b", joined, re.MULTILINE)
    tops = re.findall(r"^(?:export )?(?:async )?(?:function|const|let) (\w+)", joined, re.MULTILINE)
    assert not set(tops) & BROWSER


def test_markup_is_made_of_the_text_of_stencils_alone() -> None:
    """Text of programs is written as text nodes: nothing else of ours makes markup of a string."""
    makes = r"\w+\.(?:innerHTML|outerHTML|srcdoc)\b.*|.*(?:insertAdjacentHTML|document\.write|DOMParser).*"
    texts = {shown(path): path.read_text(encoding="utf-8") for path in MODULES}
    found = {name: re.findall(makes, text) for name, text in texts.items()}
    assert {name: made for name, made in found.items() if made} == {
        "lintseq_core/viewer/elements.js": [r'template.innerHTML = markup.replace(/\n\s*/g, "");']
    }
    allowed = re.compile(
        r'button\("\w+", "[\w ]+", "[^"]+"\)|KEYS(\.slice\(0, 4\))?\.map\(keyHint\)\.join\(""\)'
    )
    n_stencils = 0
    for name, text in texts.items():
        written = re.findall(r"^const \w+ = stencil\(`\n([^`]*)`\);$", text, re.MULTILINE)
        assert len(re.findall(r"(?<!function )\bstencil\(", text)) == len(written), name
        filled = re.findall(r"\$\{([^}]*)\}", "".join(written))
        assert [one for one in filled if not allowed.fullmatch(one)] == []
        n_stencils += len(written)
    assert n_stencils == 4  # player, exercise, lesson, an item of its steps


@pytest.mark.skipif(shutil.which("node") is None, reason="asks node, which is not installed")
def test_node_reads_every_module_as_it_stands_and_joined(tmp_path: Path) -> None:
    texts = [text for path in MODULES for text in (path.read_text("utf-8"), join_modules(path))]
    (tmp_path / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    told = subprocess.run(
        [
            "node",
            "--no-warnings",
            "--experimental-vm-modules",
            "-e",
            PARSE,
            tmp_path / "texts.json",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout == f"{len(texts)} modules"
