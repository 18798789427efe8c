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
# # Pre-training TinyCodeLM
#
# The paper pre-trains two models of 150 and 400 million parameters on 72 billion tokens of web text and
# Python. Here: what that takes, a tiny model pre-trained on the standard library in seconds, and what
# one of 3 million parameters learned of it in the time of a lesson.

# %%
import importlib.util

from IPython import get_ipython

if importlib.util.find_spec("lintseq_core") is None:  # outside an installation, as in Colab
    get_ipython().run_line_magic("pip", "install -q 'lintseq-core[data,eval,notebooks,train]'")

# %%
from lintseq_core.charts.losses import losses_figure
from lintseq_core.charts.theme import LIGHT
from lintseq_core.experiments import pretraining
from lintseq_core.experiments.beside import beside_record
from lintseq_core.experiments.experiment import recorded_results
from lintseq_core.experiments.paper_runs import plan_frame
from lintseq_core.viewer.notebook import prepare, show

prepare()

# %%
show(pretraining.EXPERIMENT)

# %% [markdown]
# `profile` is the size of the run: smoke, cpu; small (one GPU) trains the shape of TinyCodeLM-150M on the
# standard library.

# %% tags=["parameters"]
profile = "smoke"

# %% [markdown]
# ## The published hours
#
# What share of four H100s' peak the published days imply. Both models come to the same share, so the two
# times fit one count; whether 72 billion tokens are one pass or both is not settled, hence two columns.

# %%
show(pretraining.time_frame())

# %% [markdown]
# ## A run of your own
#
# Every text is seen once, so the loss of a step is on text that the model has not seen.

# %% tags=["varies"]
result = pretraining.run(pretraining.EXPERIMENT.config(profile))
show(losses_figure(result.tables["losses"], LIGHT))

# %% [markdown]
# What it writes after a few words. A loss of 5.5 nats a token is guessing bytes; about 1 is where words
# begin to be words.

# %% tags=["varies"]
show(result.tables["written"])

# %% [markdown]
# ## Recorded: 3 million parameters
#
# The shape of TinyCodeLM, narrowed, one token a byte (profile `cpu`): the loss of each step on text that
# was not seen before, and what the model then writes.

# %%
recorded = {found.profile: found for found in recorded_results("pretraining")}
if "cpu" in recorded:
    show(losses_figure(recorded["cpu"].tables["losses"], LIGHT), recorded["cpu"].tables["written"])
else:
    show("No record of the profile cpu is here.")

# %% [markdown]
# ## Does it hold?

# %% tags=["varies"]
show(result)

# %% [markdown]
# Beside the record, claim by claim:

# %% tags=["varies"]
show(beside_record(result))

# %% tags=["varies"]
show(
    *recorded_results("pretraining")
    or ["No record of this experiment at a larger profile is here."]
)

# %% [markdown]
# ## At full size
#
# The authors' settings, counted and not run here: steps, tokens, FLOPs and hours, and the command of the
# first run in full (all of them: `python -m lintseq_core.experiments.pretraining --profile paper
# --dry-run`).

# %%
plans = pretraining.plan(pretraining.EXPERIMENT.config("paper"))
show(plan_frame(plans), plans[0])

# %% [markdown]
# ## Limits and cost
#
# Learning rate, warm-up, block length and the mixture are from memory and in no source seen. The corpora,
# FineWeb and The Stack, are not part of this project. Cost: seconds here; at full size the hours above.
