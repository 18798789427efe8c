"""pass@k: how often one of k samples is right, for any number of runs, with honest bands."""

import streamlit as st

from dashboard.files.brought import PASS_AT_K
from dashboard.files.deciding import Choices, keep_choices
from dashboard.files.examples import opened_on, shipped_results
from dashboard.files.results import count_runs, scorers_in
from dashboard.files.runs_list import MISSING_FILE, Shown, colours_of, runs_list
from dashboard.files.samples import show_waiting
from dashboard.files.workbench import brought, used_on
from dashboard.pass_at_k.compare import show_difference
from dashboard.pass_at_k.curves import show_curves, show_table
from dashboard.pass_at_k.estimator import show_estimator
from dashboard.pass_at_k.faults import show_faults
from dashboard.pass_at_k.forecast import show_forecast
from dashboard.pass_at_k.metric import choose_metric
from dashboard.pass_at_k.planner import show_planner
from dashboard.pass_at_k.problems import show_rates
from dashboard.pass_at_k.runs import Run, opening_note, simulated_runs
from dashboard.shared.address import choose, choose_view, chosen_names, forget_unreadable_numbers
from dashboard.shared.show import as_markdown, name_page, show_note, show_notes
from lintseq_core.results.scores.counting import temperature_remark
from lintseq_core.results.scores.tally import SUITE_NAMES

CURVES, DIFFERENCE, PROBLEMS, FORECAST, PLAN, ESTIMATOR = VIEWS = (
    "Curves",
    "Difference of two",
    "Problem by problem",
    "Forecast",
    "How many samples?",
    "The estimator",
)
UNKNOWN = "unknown"
MISSING_TEMPERATURE = "No run that is chosen was drawn at it."

forget_unreadable_numbers(
    "beyond",
    "tau",
    "forecast_k",
    "plan_next",
    "plan_ahead",
    "plan_k",
    "plan_points",
    "est_p",
    "est_k",
    "est_seed",
)
name_page("pass@k")
st.title("pass@k")
st.markdown(
    "A problem counts as solved if at least one of k samples passes its tests. How fast that grows "
    "with k says whether a model's samples differ; the band says how far these problems could have "
    "put the curve by chance.",
    width=760,
)

files = brought(shipped_results())
used = used_on(files, PASS_AT_K)
own_files = [file for file in used if file.origin != "ships"]
choices = Choices(scorers_in(own_files))
found = count_runs(used, choices.chosen())
choices = Choices(choices.scorers, found.has_both_suites)
if choices.chosen().tests == "base":
    found = count_runs(used, choices.chosen())
simulated = simulated_runs()
drawn: dict[str, dict[float | None, Run]] = {
    name: {None: Run(one.tally)} for name, one in simulated.items()
}
own = {file.name for file in own_files} & found.runs.keys()
everything = found.runs | drawn
default = [name for name in found.runs if name in own] or opened_on()
chosen = chosen_names(list(everything), default, key="runs", parameter="run", missing=MISSING_FILE)
temperatures = sorted({one for name in chosen for one in everything[name] if one is not None})
labels = [f"{one:g}" for one in temperatures]
kept = labels
if len(labels) > 1:
    labels += [UNKNOWN] * any(None in everything[name] for name in chosen if name in own)
    kept = chosen_names(
        labels, labels, key="temperatures", parameter="temperature", missing=MISSING_TEMPERATURE
    )
shown: dict[str, Run] = {}
file_of: dict[str, str] = {}
for name in chosen:
    for temperature, run in everything[name].items():
        label = UNKNOWN if temperature is None else f"{temperature:g}"
        is_left_out = label not in kept and (temperature is not None or label in labels)
        if is_left_out and name in own:
            continue
        title = f"{name}, temperature {label}" if run.is_part else name
        if run.tally.suite:
            title += f", {SUITE_NAMES[run.tally.suite]}"
        shown[title], file_of[title] = run, name
brought_as = {file.name: file for file in used}
colours = colours_of({title: brought_as.get(name) for title, name in file_of.items()})

show_waiting()
for error in found.errors:
    st.error(as_markdown(error), icon=":material/error:")
for fault in found.faults:
    st.warning(as_markdown(f"Left out: {fault}"), icon=":material/warning:")
with runs_list(PASS_AT_K, files, [Shown(title, colours[title]) for title in shown]):
    choose(
        "Shown here",
        list(everything),
        default,
        key="runs",
        parameter="run",
        missing=MISSING_FILE,
    )
    show_note(
        "Runs that ship are of real models. The simulated ones are examples too, drawn by chance "
        "from known chances: what the page says about them can be checked."
    )
    choices.show()
# Once, above the views: what limits a run limits it in all of them.
if remarks := [
    f"{title}: {'; '.join(run.remarks)}." for title, run in shown.items() if run.remarks
]:
    told = "note" if len(remarks) == 1 else "notes"
    with st.expander(f"**What limits these runs** \u2002:gray[{len(remarks)} {told}]"):
        show_notes(remarks)
show_faults(shown, {title: brought_as.get(name) for title, name in file_of.items()}, files)
if not own:
    show_note(opening_note(chosen, simulated))
if len(labels) > 1:
    choose(
        "Temperature",
        labels,
        labels,
        key="temperatures",
        parameter="temperature",
        missing=MISSING_TEMPERATURE,
        help="What the rows of a file, its log or its name say. A run of several temperatures is "
        "a curve for each.",
    )

view = choose_view("View", VIEWS, key="passk_view")
keep_choices(list(shown), "run_a", "run_b", "pilot", "problem_run", "forecast_run")
if view == CURVES:
    by_file = {name: [shown[t].temperature for t in shown if file_of[t] == name] for name in chosen}
    if unequal := temperature_remark(by_file):
        st.warning(as_markdown(f"{unequal[0].upper()}{unequal[1:]}."), icon=":material/thermostat:")
if view == ESTIMATOR:
    show_estimator()
elif not shown:
    st.info("Choose a run.", icon=":material/show_chart:")
elif view == CURVES:
    metric = choose_metric(shown)
    show_curves(
        shown,
        file_of,
        simulated,
        {title: n for at, (title, n) in enumerate(colours.items()) if n != at},
        metric,
    )
    show_table(shown, metric)
elif view == DIFFERENCE:
    show_difference(shown, choose_metric(shown))
elif view == PROBLEMS:
    show_rates(shown, {title: brought_as.get(name) for title, name in file_of.items()}, files)
elif view == FORECAST:
    show_forecast(shown)
else:
    show_planner(shown, colours)
