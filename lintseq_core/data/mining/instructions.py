"""The instruction a person would give for a function or class, from its signature and docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from lintseq_core.data.mining.descriptions import Description, first_paragraph, read_description
from lintseq_core.programs.definitions import Definition

MAX_CHARACTERS = 2000
MAX_EXAMPLE_LINES = 12

# Verbs that begin docstrings: "Return the n items" reads on after "to", "Returns ..." after "that".
_VERBS = frozenset(
    """accept accumulate activate add adjust aggregate align allow analyze append apply
    approximate assert assign attach attempt average batch bind bisect break broadcast build
    cache calculate call cancel canonicalize carve cast center change check choose chunk
    classify clean clear clip close collapse collect combine compare compile complete compose
    compress compute concatenate configure connect construct convert copy count create crop
    deactivate decode decompose decorate decrypt dedent deduce define delegate delete derive
    describe deserialize detect determine diff disable discard dispatch display divide divmod
    download draw drop dump embed emit emulate enable encode encrypt enforce ensure enumerate
    escape estimate evaluate examine exclude execute expand explode export expose extend
    extract fetch fill filter find fit fix flatten flip fold follow force format generate get
    give group guess handle hash identify implement import include indent infer initialise
    initialize insert inspect install instantiate interleave interpolate interpret intersect
    invalidate invert invoke issue iterate join keep launch limit list load locate log look
    lowercase make manage map mark mask match measure merge minimize modify monitor move
    multiply navigate negate normalise normalize notify obtain open optimise optimize order
    output override pack pad parse partition perform permute pick plot poll pop populate
    postprocess predict prepare prepend preprocess preserve prevent print probe process
    produce project prompt provide prune push put quantize quote raise randomize rank read
    rearrange rebuild receive recognize reconstruct record recover reduce refine register
    reject reload remove rename render reorder repeat replace report represent request require
    reset reshape resolve restore restrict retrieve retry return reverse rewrite rotate round
    run sample sanitize save scale scan schedule score search select send separate serialise
    serialize set setup shift shorten show shuffle shutdown simplify simulate skip slice
    slugify solve sort spawn specify split squash standardize start step stop store stream
    strip style substitute subtract sum summarize suppress swap sync synchronize tag take tell
    terminate test toggle tokenize trace track transfer transform translate transpose traverse
    trim truncate try turn uncompress unescape unflatten uninstall unpack unquote unregister
    unwrap update upload upsample use validate verify visualize wait walk warn wrap write
    yield zip""".split()  # noqa: SIM905
)


def write_instruction(node: Definition, docstring: str, imports: Sequence[str]) -> str:
    """The instruction for `node`: its interface, the description, examples, stated imports.

    Examples are left out where they are long or call it through a module; then sections from the
    last on, until the text is no longer than MAX_CHARACTERS.
    """
    description = read_description(docstring)
    head = _head(node, description.prose)
    parts = [f"{title}:\n{text}" for title, text in description.sections]
    if isinstance(node, ast.ClassDef) and (methods := _methods(node)):
        parts.append(methods)
    if description.examples and _fits(node.name, description.examples):
        parts.append(f"Example:\n{description.examples}")
    tail = [f"Imports to use:\n{chr(10).join(imports)}"] if imports else []
    while parts and len("\n\n".join([head, *parts, *tail])) > MAX_CHARACTERS:
        parts.pop()
    return "\n\n".join([head, *parts, *tail])


def signature(node: Definition) -> str:
    """The definition's name with its parameters or bases, as it would be written in a stub."""
    if isinstance(node, ast.ClassDef):
        bases = [ast.unparse(base) for base in node.bases]
        bases += [ast.unparse(keyword) for keyword in node.keywords]
        return f"{node.name}({', '.join(bases)})" if bases else node.name
    returns = "" if node.returns is None else f" -> {ast.unparse(node.returns)}"
    return f"{node.name}({ast.unparse(node.args)}){returns}"


def _head(node: Definition, prose: str) -> str:
    kinds = {ast.ClassDef: "class", ast.AsyncFunctionDef: "async function"}
    opening = f"Write a Python {kinds.get(type(node), 'function')} `{signature(node)}`"
    first, separator, rest = prose.partition(" ")
    word = first.lower()
    if separator and first.isalpha() and first[1:].islower():
        if word in _VERBS:
            return f"{opening} to {word} {rest}"
        if _base_form(word) in _VERBS:
            return f"{opening} that {word} {rest}"
    return f"{opening}.\n\n{prose}"


def _base_form(word: str) -> str:
    """The verb that `word` is the third person of, or ""."""
    if not word.endswith("s"):
        return ""
    for ending, base in (
        ("ies", "y"),
        ("sses", "ss"),
        ("shes", "sh"),
        ("ches", "ch"),
        ("xes", "x"),
    ):
        if word.endswith(ending):
            return word.removesuffix(ending) + base
    return word[:-1]


def _methods(node: ast.ClassDef) -> str:
    """The public methods of a class with the first line each says about itself."""
    lines: list[str] = []
    for method in node.body:
        if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if method.name.startswith("_") and method.name not in ("__init__", "__call__"):
            continue
        if any(
            ".setter" in ast.unparse(one) or ".deleter" in ast.unparse(one)
            for one in method.decorator_list
        ):
            continue
        says = first_paragraph(ast.get_docstring(method) or "")
        lines.append(f"- `{signature(method)}`" + (f": {says}" if says else ""))
    return "\n".join(["Methods:", *lines]) if lines else ""


def _fits(name: str, examples: str) -> bool:
    if examples.count("\n") >= MAX_EXAMPLE_LINES or re.search(rf"\.{re.escape(name)}\(", examples):
        return False
    if re.search(r"^(>>>|\.\.\.) +(import|from) ", examples, flags=re.MULTILINE):
        return False
    return re.search(rf"^>>>.*\b{re.escape(name)}\(", examples, flags=re.MULTILINE) is not None


def fault_of_description(name: str, description: Description) -> str | None:
    """Why a docstring is no task for a reader who has not seen the code, or None."""
    words = re.findall(r"[A-Za-z]{2,}", description.prose)
    letters = sum(letter.isalpha() for letter in description.prose)
    if len({word.lower() for word in words} - set(name.lower().split("_"))) < 3:
        return "documentation_thin"
    if sum(letter.isascii() for letter in description.prose if letter.isalpha()) < 0.95 * letters:
        return "documentation_not_english"
    if _REFERS_ELSEWHERE.match(description.prose):
        return "refers_elsewhere"
    if re.search(r"(?i)\bauto(matically)?[- ]?generated by|\bdo not edit\b", description.prose):
        return "generated"
    if re.search(r"\b(deprecated|obsolete)\b", description.prose, flags=re.IGNORECASE):
        return "deprecated"
    return None


_REFERS_ELSEWHERE = re.compile(
    r"(?i:(see|same as|like|similar to|alias|port of|ported|copied|taken from|adapted from|"
    r"borrowed|backport\w*|overrid\w+|override|todo|fixme|xxx|docstring|undocumented|dummy|mock|fake|stub|"
    r"an? (dummy|mock|fake|stub)|(an? )?(internal|private|auxiliary|helper|subroutine|shim|hack|"
    r"workaround|compat\w*|legacy)( \w+)? (for|of|to|function|method|class)|"
    r"(an? )?(thin |simple |convenience )*(wrapper|shortcut|shorthand) (for|of|to|around|over)|"
    r"unit ?tests?|tests? (for|of|that|the|whether|if))\b)"
)
