"""Overview: how LintSeq works, told beside a player, and where to go next."""

import streamlit as st

from dashboard.files.loaders import ORIGIN, load_examples
from dashboard.files.shipped import pocket_traces, spread
from dashboard.generations.source import POCKET, POCKET_NOTE, SMOLLM2, SMOLLM2_NOTE
from dashboard.lessons.files import load_story
from dashboard.lessons.view import show_story
from dashboard.shared.show import as_markdown, name_page, show_note

PAPER = "https://arxiv.org/abs/2410.02749"
TRAJECTORIES = "app_pages/trajectories.py"
GENERATIONS = "app_pages/generations.py"
SHOWN, SEED = "prime_search", 3  # ten small edits
N_RECORDED = 8  # tasks that are named here, of those with recorded generations

examples = load_examples()

name_page("Overview")
st.title("Programs, written edit by edit")
st.markdown(
    "LintSeq makes of any program a sequence of edits, each free of new errors: data from which "
    f"language models learn to write code ([paper]({PAPER})). How, in six short steps:",
    width=860,
)
show_story(load_story())

st.header("Where to go next")
with st.container(horizontal=True):
    st.page_link(
        "app_pages/lessons.py",
        label="Take a lesson",
        icon=":material/school:",
        query_params={"lesson": "the_idea"},
    )
    st.page_link(
        TRAJECTORIES,
        label="Predict the next edit",
        icon=":material/quiz:",
        query_params={"program": SHOWN, "seed": str(SEED), "lab": "Predict"},
    )
    st.page_link(
        TRAJECTORIES,
        label="Step through this program",
        icon=":material/difference:",
        query_params={"program": SHOWN, "seed": str(SEED)},
    )
    st.page_link(
        TRAJECTORIES,
        label="See two hundred ways to write one program",
        icon=":material/grid_on:",
        query_params={"program": "inventory_report", "lab": "Many sequences", "n": "200"},
    )
    st.page_link(
        TRAJECTORIES,
        label="Compare the linters",
        icon=":material/sports_score:",
        query_params={"program": "coin_change", "lab": "Compare linters"},
    )
    st.page_link(
        GENERATIONS,
        label="See where a model goes wrong",
        icon=":material/smart_toy:",
        query_params={"see": "All samples"},
    )
    st.page_link(
        "app_pages/pass_at_k.py",
        label="Ask whether a gap in pass@k is real",
        icon=":material/show_chart:",
        query_params={"passk_view": "Difference of two"},
    )
    st.page_link(
        "app_pages/diversity.py",
        label="Measure how samples differ",
        icon=":material/category:",
    )
    st.page_link(
        TRAJECTORIES,
        label="Paste a program of your own",
        icon=":material/edit_note:",
        query_params={"source": "Own program"},
    )

st.header("Example programs")
show_note(f"{ORIGIN}. The files are in `assets/programs/`.")
# A page link keeps room for an icon, which these have not, and shows no sign that it is a link.
st.html(
    "<style>.st-key-examples [data-testid=stPageLink-NavLink] { padding-inline: 0; }"
    " :is(.st-key-examples, .st-key-recorded) [data-testid=stPageLink-NavLink] p"
    " { text-decoration: underline; }</style>"
)
grid = st.container(key="examples").grid("auto", min_column_width=300)
for example in examples.values():
    with grid.container(border=True, height="stretch", gap="xsmall"):
        st.page_link(
            TRAJECTORIES, label=f"**{example.name}.py**", query_params={"program": example.name}
        )
        st.markdown(f"{as_markdown(example.what)} {len(example.program.lines)} lines.")
        show_note(example.look_for)

st.header("Recorded generations")
recorded = pocket_traces()
show_note(POCKET_NOTE if recorded else SMOLLM2_NOTE)
with st.container(key="recorded"):
    for name in spread(list(recorded), N_RECORDED):
        models = ", ".join(path.parent.name for path in recorded[name])
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                GENERATIONS, label=f"**{name}**", query_params={"from": POCKET, "task": name}
            )
            show_note(f"{models}.")
    if not recorded:
        st.page_link(GENERATIONS, label=f"**{SMOLLM2}**", query_params={"from": SMOLLM2})
