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
# # pass@1
#
# One sample a problem. Version 3 of the paper says that edit models match or outperform models of whole
# programs on HumanEval, MBPP(+), DS-1000 and BigCodeBench.

# %%
import importlib.util

from IPython import get_ipython

if importlib.util.find_spec("lintseq_core") is None:  # outside an installation, as in Colab
    get_ipython().run_line_magic("pip", "install -q 'lintseq-core[data,eval,notebooks,train]'")

# %%
from lintseq_core.charts.bars import bars_figure
from lintseq_core.charts.theme import LIGHT
from lintseq_core.experiments import pass_at_1, recorded_models
from lintseq_core.experiments.beside import beside_record
from lintseq_core.experiments.experiment import recorded_results
from lintseq_core.experiments.paper_runs import plan_frame
from lintseq_core.viewer.notebook import prepare, show

prepare()

# %%
show(pass_at_1.EXPERIMENT)

# %% [markdown]
# `profile` is the size of the run: smoke, cpu; `paper` is planned below. A GPU run of the same arms is
# that of [07](07_small_models.ipynb).

# %% tags=["parameters"]
profile = "smoke"

# %% [markdown]
# ## The paper's own numbers
#
# Pair by pair, and whether the claim follows from them. Over all models it does, and not for each: two of
# twelve pairs are not above 0.

# %%
show(pass_at_1.published_frame())

# %%
show(
    bars_figure(
        pass_at_1.published_frame(), LIGHT, group="model", series="benchmark", value="difference",
        y="LintSeq less Instruct, points",
    )
)  # fmt: skip

# %%
show(pass_at_1.published_judgements())

# %% [markdown]
# ## A run of your own
#
# Data set, training, samples and verdicts of every arm in one call. Programs run in boxes, where this
# machine has any.

# %% tags=["varies"]
result = pass_at_1.run(pass_at_1.EXPERIMENT.config(profile))
show(result.tables["training"], result.tables["scores"], result.tables["verdicts"])

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
recorded = recorded_models.recorded_frame("scores", recorded_models.SCORES, k=1)
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
    *recorded_results("pass_at_1") or ["No record of this experiment at a larger profile is here."]
)

# %% [markdown]
# ## At full size
#
# The authors' settings, counted and not run here: steps, tokens, FLOPs and hours, and the command of the
# first run in full (all of them: `python -m lintseq_core.experiments.pass_at_1 --profile paper
# --dry-run`).

# %%
plans = pass_at_1.plan(pass_at_1.EXPERIMENT.config("paper"))
show(plan_frame(plans), plans[0])

# %% [markdown]
# ## Limits and cost
#
# Intervals over published pairs treat models as draws from more of their kind, and know nothing of the
# problems behind each score. DS-1000 and BigCodeBench have no published value in any source seen.
#
# The run above is of a tiny model that is taught the solutions of the problems it is asked: it shows every
# step of a real run, and its scores mean nothing about code.
