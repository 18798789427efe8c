"""The laboratory in a real browser: what-if and branches, samples, copies, hostile programs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.shared.links import pack_code
from lintseq_core import Program, closure, get_linter, path_rng, sample_path
from lintseq_core.edits.branch import branch, lines_at
from tests.dashboard.axe_ledger import our_findings_in_both_themes
from tests.dashboard.conftest import ROOT
from tests.dashboard.test_browser import (
    check_step,
    count_messages,
    example,
    open_page,
    parameters,
    wait_for_parameter,
)

pytestmark = [pytest.mark.browser, pytest.mark.feature("Laboratories")]

PYFLAKES = get_linter("pyflakes")


def row(line: int) -> str:
    return f".lsp-rows .lsp-row:has([data-line='{line + 1}'])"


def test_what_if_answers_without_the_server_and_a_branch_is_one_click(
    page: Page, server_url: str
) -> None:
    sequence = example("coin_change")
    step = sequence.n_edits
    player = open_page(page, f"{server_url}/trajectories?step={step}&whatif=on")
    count_messages(page)

    player.locator(row(2)).hover()
    gone = closure(sequence.program, 2, present=lines_at(sequence, step)).lines
    rows = player.locator(".lsp-row[data-whatif] .lsp-gutter")
    assert [
        int(line) - 1 for line in rows.evaluate_all("rows => rows.map(r => r.dataset.line)")
    ] == list(gone)
    player.locator(row(2)).click()
    assert page.evaluate("window.sent") == 0

    player.get_by_role("button", name="Let it go").click()
    wait_for_parameter(page, "branch", f"{step}.2")
    rng = path_rng(0, sequence.program.id, 0)
    branched = branch(sequence, step, 2, linter=PYFLAKES, rng=rng)
    check_step(player, branched, branched.n_edits)

    page.reload()
    player.wait_for()
    check_step(player, branched, branched.n_edits)  # the link holds the branch and the step
    page.get_by_role("button", name="Take the last branch back").click()
    expect(player.locator(".lsp-meta")).to_contain_text("seed 0")
    wait_for_parameter(page, "branch", None)


def test_a_long_program_asks_the_server_for_the_state_it_shows(page: Page, server_url: str) -> None:
    text = "".join(f"x{i} = {i}\ny{i} = x{i}\n" for i in range(130))
    code = pack_code(text)
    player = open_page(page, f"{server_url}/trajectories?code={code}&step=9999")
    player.get_by_role("button", name="What if").click()

    expect(player.locator(".lsp-line")).to_contain_text("Point at a line", timeout=15_000)
    last = player.locator(".lsp-rows .lsp-row[data-state=new] .lsp-source").first
    last.hover()
    expect(player.locator(".lsp-line")).to_contain_text("goes")


def test_n_and_p_go_through_the_sequences(page: Page, server_url: str) -> None:
    player = open_page(page, f"{server_url}/trajectories?program=matrix_sum&seed=2")
    player.focus()

    for _ in range(3):
        page.keyboard.press("n")
    expect(player.locator(".lsp-meta")).to_contain_text("sequence 4")
    assert parameters(page)["path"] == "3"
    player.focus()
    page.keyboard.press("p")
    expect(player.locator(".lsp-meta")).to_contain_text("sequence 3")


def test_the_link_holds_how_the_code_is_looked_at(page: Page, server_url: str) -> None:
    player = open_page(page, f"{server_url}/trajectories?program=matrix_sum&step=3")
    player.get_by_role("button", name="Birth steps").click()
    player.get_by_role("button", name="X-ray").click()
    assert parameters(page)["look"] == "births" and parameters(page)["xray"] == "off"

    page.reload()
    player.wait_for()
    assert player.get_attribute("data-view") == "births"
    assert player.get_by_role("button", name="X-ray").get_attribute("aria-pressed") == "false"


def test_link_python_and_command_can_be_copied(browser: Browser, server_url: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    player = open_page(page, f"{server_url}/trajectories?program=matrix_sum&seed=4&path=2&step=3")
    player.wait_for()

    copied = []
    for name in ("Copy link", "Copy as Python", "Copy as command"):
        page.get_by_role("button", name=name).click()
        expect(page.locator(".lsp-copies [role=status]")).to_have_text("Copied.")
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    context.close()

    link, script, command = copied
    assert "seed=4" in link and "path=2" in link and "step=3" in link
    assert command == "lintseq sample matrix_sum.py --linter pyflakes --seed 4 --path 2"
    folder = ROOT / "assets" / "programs"
    script = script.replace("matrix_sum.py", str(folder / "matrix_sum.py"))
    names: dict[str, object] = {}
    exec(re.sub(r"^print.*$", "", script, flags=re.M), names)
    assert names["sequence"] == example("matrix_sum", seed=4, path=2)


def test_a_line_tells_what_it_needs_under_the_pointer_by_key_and_by_tap(
    page: Page, server_url: str
) -> None:
    page.goto(f"{server_url}/trajectories?lab=Many+sequences&program=matrix_sum&n=20&line=9")
    said = page.locator(".lsn-said")
    said.wait_for()
    nine = "Line 9 needs lines 1 and 8; lines 10-11 need it; it is free of the other 4 lines."
    expect(said).to_have_text(nine)  # the link holds the line
    count_messages(page)

    def marks(word: str) -> list[int]:
        rows = page.locator(".lsn-row", has=page.locator(f".lsn-mark:text-is('{word}')"))
        return [int(line) for line in rows.evaluate_all("rows => rows.map(r => r.dataset.line)")]

    assert marks("← it needs") == [1, 8] and marks("→ needs it") == [10, 11]
    assert marks("this line") == [9] and marks("free") == [2, 3, 4, 5]

    page.locator(".lsn-row[data-line='3']").hover()
    expect(said).to_contain_text("Line 3 needs lines 1-2; it always comes together with line 4;")
    assert marks("= with it") == [4]
    page.mouse.move(2, 2)
    expect(said).to_have_text(nine)  # pointing keeps nothing

    page.locator(".lsn-code").focus()
    page.keyboard.press("ArrowUp")
    expect(said).to_contain_text("Line 8 needs no other line; lines 9-11 need it;")
    page.keyboard.press("ArrowUp")  # over two blank lines
    expect(said).to_contain_text("Line 5 needs")
    page.keyboard.press("End")
    expect(said).to_contain_text("Line 11 needs")
    wait_for_parameter(page, "line", "11")

    page.locator(".lsn-row[data-line='2']").click()
    page.mouse.move(2, 2)
    expect(said).to_contain_text("Line 2 needs line 1;")
    wait_for_parameter(page, "line", "2")
    assert page.evaluate("window.sent") == 0

    page.goto(f"{server_url}/trajectories?lab=Many+sequences&program=matrix_sum&n=20&line=6")
    expect(page.locator(".lsn-notes")).to_contain_text("asks for line 6, which no edit brings.")
    expect(said).to_have_text(nine)


HOSTILE = (
    "s = '</script><script>document.title=\"owned\"</script><img src=x onerror=alert(1)>'\n"
    "t = '\u202e\u2066 \\x1b[2J' + s\n"
    "u = 'javascript:alert(1)' + t  # <b onmouseover=alert(2)>[x](javascript:alert(3))</b>\n"
    "print(s, t, u)\n"
)


@pytest.mark.feature("Hostile files")
@pytest.mark.parametrize("lab", ["One sequence", "Many sequences", "Compare linters"])
def test_nothing_of_a_hostile_program_acts(page: Page, server_url: str, lab: str) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(f"{server_url}/trajectories?code={pack_code(HOSTILE)}&lab={lab}&step=4")
    page.locator(".lsp, .js-plotly-plot").first.wait_for()
    page.wait_for_timeout(500)

    assert dialogs == []
    assert page.title() == "Own program · Trajectories · LintSeq"
    assert page.locator("img[src=x], [onerror], [onmouseover], a[href^=javascript]").count() == 0


@pytest.mark.feature("Hostile files")
def test_a_line_of_a_million_characters_does_not_take_the_page_down(
    page: Page, server_url: str
) -> None:
    page.goto(f"{server_url}/trajectories?source=Own+program")
    page.get_by_label("Python program").wait_for()
    text = f"s = '{'x' * 900_000}'\nt = s\n"
    page.locator("input[type=file]").set_input_files(
        {"name": "long.py", "mimeType": "text/x-python", "buffer": text.encode()}
    )

    player = page.locator(".lsp")
    player.wait_for()
    player.focus()
    page.keyboard.press("End")
    expect(player.locator(".lsp-status")).to_contain_text("inserts")


@pytest.mark.feature("Hostile files")
def test_a_file_too_large_is_refused_in_words(page: Page, server_url: str) -> None:
    page.goto(f"{server_url}/trajectories?source=Own+program")
    page.get_by_label("Python program").wait_for()
    page.locator("input[type=file]").set_input_files(
        {"name": "big.py", "mimeType": "text/x-python", "buffer": b"#" * 2_000_000}
    )

    expect(page.get_by_text("File must be 1.0MB or smaller.")).to_be_visible()


LABS = {
    "many": "lab=Many+sequences&program=matrix_sum&n=10",
    "graph": "lab=Many+sequences&program=matrix_sum&n=10&many_tab=As+a+graph",
    "two": "lab=Many+sequences&program=matrix_sum&n=10&many_tab=Two+of+them",
    "heat": "lab=Many+sequences&program=matrix_sum&n=10&many_tab=When+each+line+comes",
    "linters": "lab=Compare+linters&program=matrix_sum",
    "what-if": "program=matrix_sum&step=5&whatif=on&look=births",
}


@pytest.mark.feature("Accessibility")
@pytest.mark.parametrize("query", LABS.values(), ids=LABS)
def test_axe_finds_nothing_of_ours_in_the_laboratory(
    page: Page, server_url: str, query: str
) -> None:
    page.set_viewport_size({"width": 1200, "height": 900})
    page.goto(f"{server_url}/trajectories?{query}")
    page.locator(".lsp, .js-plotly-plot").first.wait_for()
    page.wait_for_timeout(600)

    ours = our_findings_in_both_themes(page)

    assert ours == []


@pytest.mark.feature("Speed")
@pytest.mark.timing
def test_a_branch_comes_soon(page: Page, server_url: str) -> None:
    sequence = sample_path(
        Program.from_file(ROOT / "assets" / "programs" / "log_summary.py"), seed=0
    )
    url = f"{server_url}/trajectories?program=log_summary&step={sequence.n_edits}&whatif=on"
    player = open_page(page, url)
    player.locator(row(0)).click()
    took = page.evaluate(
        """async () => {
          const find = (root) => root.querySelector(".lsp-branch") ??
            [...root.querySelectorAll("*")].filter((n) => n.shadowRoot).map((n) => find(n.shadowRoot)).find(Boolean);
          const button = find(document);
          const meta = button.getRootNode().querySelector(".lsp-meta");
          const start = performance.now();
          button.click();
          while (meta.textContent.includes("seed")) await new Promise(requestAnimationFrame);
          return performance.now() - start;
        }"""
    )
    print(f"a branch of a 142-line program: {took:.0f} ms")
    assert took < 400


def test_a_trajectory_can_be_downloaded_as_a_page(page: Page, server_url: str) -> None:
    open_page(page, f"{server_url}/trajectories?program=matrix_sum&seed=3")

    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download as a page").click()

    assert downloading.value.suggested_filename == "matrix_sum.html"
    text = downloading.value.path().read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>") and "default-src 'none'" in text
