# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Pocket: train a model that writes edits, and see what its format costs
#
# A model of 0.8 million parameters, trained here from nothing: rows to learn from, an edit format, a few
# minutes of one core, samples, tests. Then what the recorded study found with the same steps and over
# a hundred times the training.

# %%
import importlib.util

from IPython import get_ipython

if importlib.util.find_spec("lintseq_core") is None:  # outside an installation, as in Colab
    get_ipython().run_line_magic("pip", "install -q 'lintseq-core[data,eval,notebooks,train]'")

# %%
from lintseq_core import Program, sample_paths
from lintseq_core.benchmarks.pocket.rows import instruction_rows
from lintseq_core.charts.bars import bars_figure
from lintseq_core.charts.format_cost import format_cost_figure
from lintseq_core.charts.losses import losses_figure
from lintseq_core.charts.theme import LIGHT
from lintseq_core.edits.formats import FORMAT_NAMES
from lintseq_core.experiments.pocket import by_hand, claims
from lintseq_core.experiments.pocket.recorded import (
    NO_RECORD,
    final_scores,
    format_words,
    recorded_study,
    words_without_scores,
)
from lintseq_core.results.frames import Frame
from lintseq_core.viewer.format_texts import FormatTexts
from lintseq_core.viewer.notebook import prepare, show
from lintseq_core.viewer.widget import PlayerWidget

prepare()

# %% [markdown]
# What the study was set up to decide, written before its runs:

# %%
show(list(claims.CLAIMS))

# %% [markdown]
# `profile` is the size of the lesson: smoke takes seconds, and its models learn next to nothing; cpu trains
# each of two models for half a minute of one core. `edit_format` is what the second model is taught:
# unified (the paper's), placed, anchored or search_replace.

# %% tags=["parameters"]
profile = "cpu"
edit_format = "unified"

# %%
size = by_hand.SIZES[profile]
folder = by_hand.new_folder()

# %% [markdown]
# ## Make the data
#
# Tasks are drawn by seed: what a function is given, a step or more, what it returns. Each row is an
# instruction and one of many programs that follow it. The first two of 300:

# %%
rows = list(instruction_rows(300, difficulties=[by_hand.DIFFICULTY]))
show(Frame({name: [row[name] for row in rows[:2]] for name in ("instruction", "response")}))

# %% [markdown]
# How long the 300 programs are, and how many are alike:

# %%
n_lines = [len(row["response"].splitlines()) for row in rows]
show(
    Frame({
        "rows": [len(rows)], "different programs": [len({row["response"] for row in rows})],
        "fewest lines": [min(n_lines)], "lines, mean": [sum(n_lines) / len(rows)],
        "most lines": [max(n_lines)],
    })
)  # fmt: skip

# %% [markdown]
# To train on there are as many as `profile` says, and some of other tasks, whose combinations of parts are
# in no row to train on.

# %% tags=["varies"]
taught = by_hand.write_rows(
    instruction_rows(size.n_rows, difficulties=[by_hand.DIFFICULTY]), folder / "rows.jsonl"
)
held = by_hand.write_rows(
    instruction_rows(size.n_held, split="validation", difficulties=[by_hand.DIFFICULTY]),
    folder / "held.jsonl",
)
show(f"{size.n_rows:,} rows to train on, {size.n_held:,} held out.")

# %% [markdown]
# ## The same edits in four formats
#
# One program, taken apart by LintSeq. Step through it with ← and →.

# %%
(sequence,) = sample_paths(Program(rows[0]["response"]), seed=0, n_paths=1)
show(PlayerWidget(sequence, title="one sequence"))

# %% [markdown]
# What a model has to write for these edits. Only what is neither bold nor underlined nor slanted is the
# program; all else is the price of writing it in edits. `unified` numbers lines before and after and
# counts them, `placed` numbers alone, `anchored` repeats the line before, `search_replace` the lines
# around.

# %%
show(FormatTexts(sequence))

# %%
texts = {name: sequence.to_model_text(edit_format=name) for name in FORMAT_NAMES}
show(
    Frame({
        "format": ["whole program", *texts], "characters": [
            len(rows[0]["response"]), *(len(text) for text in texts.values())
        ],
    })
)  # fmt: skip

# %% [markdown]
# ## A data set of edits
#
# What `lintseq dataset build` does: one random edit sequence of each program, checked by the linter. Whole
# programs are read from the same files.

# %% tags=["varies"]
edits = by_hand.build_edits(taught, folder / "edits.jsonl")
held_edits = by_hand.build_edits(held, folder / "held_edits.jsonl")

# %% [markdown]
# ## Train, and watch the loss
#
# What `lintseq train --model pocket` does: a tokenizer of 768 tokens from these rows, weights drawn by
# chance, the preset's optimizer. Guessing among 768 tokens costs ln 768 = 6.6 nats. First on whole
# programs:

# %% tags=["varies"]
whole_losses = by_hand.train_model(edits, folder / "whole", size, edit_format=None)

# %% [markdown]
# And as many trained tokens of edits, which are fewer programs, since edits are longer:

# %% tags=["varies"]
edit_losses = by_hand.train_model(edits, folder / "edits", size, edit_format=edit_format)

# %% tags=["varies"]
show(
    losses_figure(
        Frame({
            "model": ["whole"] * len(whole_losses) + [edit_format] * len(edit_losses),
            "step": [*whole_losses.columns["step"], *edit_losses.columns["step"]],
            "loss": [*whole_losses.columns["loss"], *edit_losses.columns["loss"]],
        }),
        LIGHT, series="model",
    )
)  # fmt: skip

# %% [markdown]
# The loss a token of edits may be the lower one and says little: markers are easy tokens, and there are
# many of them. What counts is a whole program, below.

# %% [markdown]
# ## Sample, edit by edit
#
# From here on numpy alone computes; torch is needed for training only. One task that no row has:

# %% tags=["varies"]
problems = by_hand.write_tasks(folder, size)
show(problems[0].instruction)

# %% tags=["varies"]
model = by_hand.trained(folder / "edits", "edits")
trace = by_hand.ask(model, problems[0].instruction, size)
show(by_hand.edit_frame(trace))

# %% [markdown]
# All it wrote, as it came:

# %% tags=["varies"]
print(trace.samples[0].end.text)

# %% [markdown]
# ## Ask both models all tasks, and run the tests
#
# Ten calls a task and what they must return. Programs run in boxes, where this machine has any.

# %% tags=["varies"]
whole_model = by_hand.trained(folder / "whole", "whole")
whole_traces = [by_hand.ask(whole_model, problem.instruction, size) for problem in problems]
edit_traces = [by_hand.ask(model, problem.instruction, size) for problem in problems]

# %% tags=["varies"]
whole_verdicts, where = by_hand.judge_samples(problems, whole_traces)
edit_verdicts, where = by_hand.judge_samples(problems, edit_traces)
show(where)

# %% [markdown]
# ## Compare
#
# After so little training hardly a task is solved, if any: pass@1 says nothing here, and neither would
# pass@10. What can be seen is whether the text of edits is well formed, whether programs parse, and where
# the nats of a program held out go.

# %% tags=["varies"]
compared = by_hand.compare([
    by_hand.Tried("whole", folder / "whole", held_edits, None, whole_traces, whole_verdicts),
    by_hand.Tried(
        edit_format, folder / "edits", held_edits, edit_format, edit_traces, edit_verdicts
    ),
])  # fmt: skip
show(
    Frame({
        name: compared.columns[name]
        for name in (
            "edit_format", "samples", "share that parses", "well_formed", "tokens_a_sample",
            "pass@1",
        )
    })
)  # fmt: skip

# %% tags=["varies"]
show(by_hand.nats_frame(compared))

# %% tags=["varies"]
show(format_cost_figure(compared, LIGHT))

# %% [markdown]
# Fewer nats a program means: likelier to write it. Two costs of edits show: all that is not code, and the
# code itself, whose lines come in an order that LintSeq drew. Where no count is written, markers carry it:
# one of them says that no line follows. The bars are of few programs and one training each, so only what is large in them means anything.

# %% [markdown]
# ## The recorded study
#
# The same steps at length: a base on whole programs, a pilot that chose learning rates and a format, then
# every arm as many trained tokens from that base, several seeds each, 200 held-out tasks. Intervals are
# over seeds and tasks together: another seed moves all tasks at once.

# %% tags=["varies"]
study = recorded_study()
scores = final_scores(study)
show(scores if len(scores) else words_without_scores(study))

# %% tags=["varies"]
show(
    words_without_scores(study)
    if not len(scores)
    else bars_figure(
        scores, LIGHT, group="arm", series="k", value="pass_at_k", low="low",
        high="high", y="pass@k", percent=True,
    )
)  # fmt: skip

# %% [markdown]
# What the format costs, by the pilot: the same edits in four formats.

# %% tags=["varies"]
show(NO_RECORD if study is None else format_words(study.tables["formats"]))

# %% tags=["varies"]
show(NO_RECORD if study is None else format_cost_figure(study.tables["formats"], LIGHT))

# %% [markdown]
# ## Does it hold?

# %% tags=["varies"]
show(NO_RECORD if study is None else study)

# %% [markdown]
# ## Limits and cost
#
# Models of 0.8 million parameters, on tasks made by program from 300 or so parts: whether the same
# holds for models of billions of parameters that have read the Python of the world, none of it tells. What
# it does tell is how an edit format can be compared at all, and that one training of each is not enough.
# Cost: seconds for smoke, some two minutes of one core for cpu; the study takes hours
# (`python -m lintseq_core.experiments.pocket --profile cpu --dry-run`).
