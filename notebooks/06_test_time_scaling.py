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
# # Test-time scaling (figure 4)
#
# Many samples of a small model can solve what one sample of a large one does. The claim: with edits, the
# score grows faster with the floating point operations spent. The paper's own curves suffice to check
# whether that follows from its numbers, and with what interval.

# %%
import importlib.util

from IPython import get_ipython

if importlib.util.find_spec("lintseq_core") is None:  # outside an installation, as in Colab
    get_ipython().run_line_magic("pip", "install -q 'lintseq-core[data,eval,notebooks,train]'")

# %%
from lintseq_core.charts.scaling import scaling_figure
from lintseq_core.charts.theme import LIGHT
from lintseq_core.experiments import recorded_models, test_time_scaling
from lintseq_core.experiments.beside import beside_record
from lintseq_core.experiments.experiment import recorded_results
from lintseq_core.experiments.paper_runs import plan_frame
from lintseq_core.viewer.estimating import PassAtKWidget
from lintseq_core.viewer.notebook import prepare, show

prepare()

# %%
show(test_time_scaling.EXPERIMENT)

# %% [markdown]
# `profile` is the size of the run: smoke, cpu; `paper` is planned below. A GPU run of the same arms is
# that of [07](07_small_models.ipynb).

# %% tags=["parameters"]
profile = "smoke"

# %% [markdown]
# ## The published curves

# %%
show(scaling_figure(test_time_scaling.curve_frame(), LIGHT))

# %% [markdown]
# ## Their slopes
#
# Points of score for ten times the FLOPs, by least squares, and the difference of each pair with the
# interval of the two fits.

# %%
show(test_time_scaling.slope_frame())

# %% [markdown]
# ## At equal budgets
#
# A slope does not say who is ahead. Read off the curves at the smallest and the largest FLOPs that both
# reach:

# %%
show(test_time_scaling.budget_frame())

# %%
show(test_time_scaling.published_judgements())

# %% [markdown]
# ## What pass@k is
#
# n samples, of which c pass: two ways to estimate the chance that one of k passes. Draw again and see
# which one is off.

# %%
estimate = PassAtKWidget(n=20, k=10, chance=0.1)
show(estimate)

# %% [markdown]
# ## A run of your own
#
# Data set, training, samples and verdicts of every arm in one call. Programs run in boxes, where this
# machine has any.

# %% tags=["varies"]
result = test_time_scaling.run(test_time_scaling.EXPERIMENT.config(profile))
show(result.tables["training"], result.tables["scores"])

# %% tags=["varies"]
show(
    scaling_figure(
        result.tables["scores"], LIGHT, series="arm", score="pass_at_k", panels=False
    )
)  # fmt: skip

# %% [markdown]
# ## A trained model
#
# What [07](07_small_models.ipynb) recorded of SmolLM2-135M, if a record is here.

# %% tags=["varies"]
recorded = recorded_models.recorded_frame("scores", recorded_models.SCORES)
show(recorded if len(recorded) else recorded_models.NO_RECORD)

# %% tags=["varies"]
scaling = recorded_models.scaling_frame()
show(scaling_figure(scaling, LIGHT) if len(scaling) else recorded_models.NO_RECORD)

# %% tags=["varies"]
costs = recorded_models.recorded_frame("cost", recorded_models.COSTS)
show(costs if len(costs) else recorded_models.NO_RECORD)

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
    *recorded_results("test_time_scaling")
    or ["No record of this experiment at a larger profile is here."]
)

# %% [markdown]
# ## At full size
#
# The authors' settings, counted and not run here: steps, tokens, FLOPs and hours, and the command of the
# first run in full (all of them: `python -m lintseq_core.experiments.test_time_scaling --profile paper
# --dry-run`).

# %%
plans = test_time_scaling.plan(test_time_scaling.EXPERIMENT.config("paper"))
show(plan_frame(plans), plans[0])

# %% [markdown]
# ## Limits and cost
#
# The curves are read off a figure (±0.2 points, ±1 % of FLOPs). Four models are few, and their problems
# are the same. The paper takes the best sampling settings for each k; that lifts both curves. FLOPs leave
# out what an idle GPU costs: edits are longer, one after the other.
#
# The run above is of a tiny model that is taught the solutions of the problems it is asked: it shows every
# step of a real run, and its scores mean nothing about code.
