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
# # Diversity, measured directly
#
# The paper explains the growth of pass@k by more diverse samples and measures the growth alone. Here the
# samples themselves are compared: texts, syntax trees, behaviour.

# %%
import importlib.util

from IPython import get_ipython

if importlib.util.find_spec("lintseq_core") is None:  # outside an installation, as in Colab
    get_ipython().run_line_magic("pip", "install -q 'lintseq-core[data,eval,notebooks,train]'")

# %%
from lintseq_core.charts.bars import bars_figure
from lintseq_core.charts.theme import LIGHT
from lintseq_core.experiments import diversity, recorded_models
from lintseq_core.experiments.beside import beside_record
from lintseq_core.experiments.experiment import recorded_results
from lintseq_core.experiments.paper_runs import plan_frame
from lintseq_core.viewer.notebook import prepare, show

prepare()

# %%
show(diversity.EXPERIMENT)

# %% [markdown]
# `profile` is the size of the run: smoke, cpu; `paper` is planned below. A GPU run of the same arms is
# that of [07](07_small_models.ipynb).

# %% tags=["parameters"]
profile = "smoke"

# %% [markdown]
# ## The paper's argument: growth from k = 1 to 50

# %%
show(diversity.growth_frame())

# %%
show(
    bars_figure(
        diversity.growth_frame(), LIGHT, group="model", series="benchmark", value="difference",
        y="growth of LintSeq less Instruct, points",
    )
)  # fmt: skip

# %%
show(diversity.growth_judgement())

# %% [markdown]
# ## A run of your own
#
# Data set, training, samples and verdicts of every arm in one call. Programs run in boxes, where this
# machine has any.

# %% tags=["varies"]
result = diversity.run(diversity.EXPERIMENT.config(profile))
show(result.tables["training"], result.tables["diversity"], result.tables["scores"])

# %% tags=["varies"]
show(
    bars_figure(
        result.tables["scores"], LIGHT, group="arm", series="k", value="pass_at_k", low="low",
        high="high", y="pass@k", percent=True,
    )
)  # fmt: skip

# %% [markdown]
# ## A trained model
#
# What [07](07_small_models.ipynb) recorded of SmolLM2-135M, if a record is here.

# %% tags=["varies"]
recorded = recorded_models.recorded_frame("diversity", recorded_models.DIVERSITY)
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
show(
    *recorded_results("diversity") or ["No record of this experiment at a larger profile is here."]
)

# %% [markdown]
# ## At full size
#
# The authors' settings, counted and not run here: steps, tokens, FLOPs and hours, and the command of the
# first run in full (all of them: `python -m lintseq_core.experiments.diversity --profile paper
# --dry-run`).

# %%
plans = diversity.plan(diversity.EXPERIMENT.config("paper"))
show(plan_frame(plans), plans[0])

# %% [markdown]
# ## Limits and cost
#
# Growth of pass@k is bounded by what is left to solve, and by how uneven the problems are; it is no
# measure of diversity alone. Programs that do not parse differ as well.
#
# The run above is of a tiny model that is taught the solutions of the problems it is asked: it shows every
# step of a real run, and its scores mean nothing about code. Cost: the measures take seconds for a
# benchmark on a CPU, CodeBLEU a millisecond a pair.
