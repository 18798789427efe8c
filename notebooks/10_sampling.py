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
# # Sampling sweeps, and s
#
# How the score depends on temperature, top-p and min-p, and on the number s of edit sequences of each
# program in the training data.

# %%
import importlib.util

from IPython import get_ipython

if importlib.util.find_spec("lintseq_core") is None:  # outside an installation, as in Colab
    get_ipython().run_line_magic("pip", "install -q 'lintseq-core[data,eval,notebooks,train]'")

# %%
from lintseq_core.charts.bars import bars_figure
from lintseq_core.charts.theme import LIGHT
from lintseq_core.experiments import recorded_models, sampling
from lintseq_core.experiments.beside import beside_record
from lintseq_core.experiments.experiment import recorded_results
from lintseq_core.experiments.paper_runs import plan_frame
from lintseq_core.viewer.notebook import prepare, show

prepare()

# %%
show(sampling.EXPERIMENT)

# %% [markdown]
# `profile` is the size of the run: smoke, cpu; `paper` is planned below. A GPU run of the same arms is
# that of [07](07_small_models.ipynb).

# %% tags=["parameters"]
profile = "smoke"

# %% [markdown]
# ## A run of your own
#
# Data set, training, samples and verdicts of every arm in one call. Programs run in boxes, where this
# machine has any.

# %% tags=["varies"]
result = sampling.run(sampling.EXPERIMENT.config(profile))
show(result.tables["training"], result.tables["scores"])

# %% tags=["varies"]
show(
    bars_figure(
        result.tables["scores"], LIGHT, group="arm", series="k", value="pass_at_k", low="low",
        high="high", y="pass@k", percent=True,
    )
)  # fmt: skip

# %% tags=["varies"]
show(result.tables["diversity"])

# %% [markdown]
# ## A trained model
#
# What [07](07_small_models.ipynb) recorded of SmolLM2-135M, if a record is here.

# %% tags=["varies"]
recorded = recorded_models.recorded_frame("scores", recorded_models.SCORES)
show(recorded if len(recorded) else recorded_models.NO_RECORD)

# %% [markdown]
# ## Does it hold?

# %% tags=["varies"]
show(result)

# %% [markdown]
# Beside the record, claim by claim:

# %% tags=["varies"]
show(beside_record(result))

# %% tags=["varies"]
show(*recorded_results("sampling") or ["No record of this experiment at a larger profile is here."])

# %% [markdown]
# ## At full size
#
# The authors' settings, counted and not run here: steps, tokens, FLOPs and hours, and the command of the
# first run in full (all of them: `python -m lintseq_core.experiments.sampling --profile paper --dry-run`).

# %%
plans = sampling.plan(sampling.EXPERIMENT.config("paper"))
show(plan_frame(plans), plans[0])

# %% [markdown]
# ## Limits and cost
#
# The grid of version 3 is from memory and its numbers are in no source seen, so there is nothing published
# to check. The best setting of a sweep on the benchmark itself flatters every arm.
#
# The run above is of a tiny model that is taught the solutions of the problems it is asked: it shows every
# step of a real run, and its scores mean nothing about code.
