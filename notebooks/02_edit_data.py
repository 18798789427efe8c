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
# # The edit data
#
# The paper makes s = 5 edit sequences of each of 88,900 programs. How long are they, where do their
# tokens go, and what do more sequences of a program bring?

# %%
import importlib.util

from IPython import get_ipython

if importlib.util.find_spec("lintseq_core") is None:  # outside an installation, as in Colab
    get_ipython().run_line_magic("pip", "install -q 'lintseq-core[notebooks]'")

# %%
from lintseq_core.charts.lengths import edits_over_lines_figure, lengths_figure
from lintseq_core.charts.theme import LIGHT
from lintseq_core.experiments import edit_data
from lintseq_core.experiments.beside import beside_record
from lintseq_core.experiments.experiment import recorded_results
from lintseq_core.experiments.paper_runs import plan_frame
from lintseq_core.viewer.notebook import prepare, show

prepare()
show(edit_data.EXPERIMENT)

# %% tags=["parameters"]
profile = "smoke"

# %%
result = edit_data.run(edit_data.EXPERIMENT.config(profile))
show(result.tables["programs"])

# %% [markdown]
# ## Edits of a sequence
#
# RandSeq deletes chunks of 1 to n − 1 lines, so it needs 1 + H(n − 1) edits for n lines on average,
# about the logarithm of n; LintSeq's grow with the program.

# %%
show(edits_over_lines_figure(result.tables["programs"], LIGHT))

# %%
show(lengths_figure(result.tables["lengths"], LIGHT, x="edits of a sequence"))

# %% [markdown]
# ## Where the tokens go
#
# A model text holds the program once, and around it a marker for each edit, a header for each hunk and
# a + for each line.

# %%
show(result.tables["anatomy"])

# %% [markdown]
# ## What s brings
#
# Sequences of short programs soon repeat, those of long ones do not.

# %%
show(result.tables["s"])

# %% [markdown]
# ## Does it hold?

# %%
show(result)

# %% [markdown]
# Beside the record, claim by claim:

# %%
show(beside_record(result))

# %% [markdown]
# ## On real code
#
# The same on functions and classes of the standard library (profile `cpu`), and on 10,977 programs mined
# from 129 packages, five sequences of each, as they were built.

# %%
recorded = recorded_results("edit_data")
show(*recorded or ["No record of this experiment is here."])

# %%
mined = edit_data.mined_lengths()
show(mined.summary)

# %%
show(lengths_figure(mined.lines, LIGHT, x="lines", value="lines"))

# %%
show(lengths_figure(mined.edits, LIGHT, x="edits of a sequence"))

# %% [markdown]
# ## At full size
#
# Counted and not run here: the paper's data set, its ablation and its baseline, with the first
# command in full (`python -m lintseq_core.experiments.edit_data --profile paper --dry-run`).

# %%
plans = edit_data.plan(edit_data.EXPERIMENT.config("paper"))
show(plan_frame(plans), plans[0])

# %% [markdown]
# ## Limits and cost
#
# The paper's data are answers of language models to short tasks, with about 14 lines and 4 edits
# (from memory, in no source seen: not a reference). Library code is longer. The example programs here are
# longer still, so this notebook's own numbers describe them alone. Cost: seconds on one CPU core; the
# mined set took minutes.
