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
# # The linter ablation
#
# RandSeq deletes random chunks of lines and asks no linter; everything else is the same. If LintSeq's gain
# were due to edits alone, RandSeq would have it too.

# %%
import importlib.util

from IPython import get_ipython

if importlib.util.find_spec("lintseq_core") is None:  # outside an installation, as in Colab
    get_ipython().run_line_magic("pip", "install -q 'lintseq-core[data,eval,notebooks,train]'")

# %%
from lintseq_core.charts.bars import bars_figure
from lintseq_core.charts.theme import LIGHT
from lintseq_core.experiments import linter_ablation, recorded_models
from lintseq_core.experiments.beside import beside_record
from lintseq_core.experiments.experiment import recorded_results
from lintseq_core.experiments.paper_runs import plan_frame
from lintseq_core.viewer.notebook import prepare, show

prepare()

# %%
show(linter_ablation.EXPERIMENT)

# %% [markdown]
# `profile` is the size of the run: smoke, cpu; `paper` is planned below. A GPU run of the same arms is
# that of [07](07_small_models.ipynb).

# %% tags=["parameters"]
profile = "smoke"

# %% [markdown]
# ## The paper's own numbers

# %%
show(linter_ablation.published_frame())

# %%
show(
    bars_figure(
        linter_ablation.published_frame(), LIGHT, group="score", series="place",
        value="difference", y="LintSeq less RandSeq, points",
    )
)  # fmt: skip

# %%
show(linter_ablation.published_judgement())

# %% [markdown]
# ## A run of your own
#
# Data set, training, samples and verdicts of every arm in one call. Programs run in boxes, where this
# machine has any.

# %% tags=["varies"]
result = linter_ablation.run(linter_ablation.EXPERIMENT.config(profile))
show(result.tables["training"], result.tables["scores"])

# %% [markdown]
# Linter errors by kind, in the programs that each arm wrote:

# %% tags=["varies"]
show(
    bars_figure(
        result.tables["errors"], LIGHT, group="error", series="arm", value="share",
        y="share of programs", percent=True,
    )
)  # fmt: skip

# %% [markdown]
# ## A trained model
#
# What [07](07_small_models.ipynb) recorded of SmolLM2-135M, if a record is here.

# %% tags=["varies"]
recorded = recorded_models.recorded_frame("lint_errors", recorded_models.ERRORS)
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
    *recorded_results("linter_ablation")
    or ["No record of this experiment at a larger profile is here."]
)

# %% [markdown]
# ## At full size
#
# The authors' settings, counted and not run here: steps, tokens, FLOPs and hours, and the command of the
# first run in full (all of them: `python -m lintseq_core.experiments.linter_ablation --profile paper
# --dry-run`).

# %%
plans = linter_ablation.plan(linter_ablation.EXPERIMENT.config("paper"))
show(plan_frame(plans), plans[0])

# %% [markdown]
# ## Limits and cost
#
# Four published pairs of two models are few. Edits that leave a program empty have no linter error, so
# read errors beside scores.
#
# The run above is of a tiny model that is taught the solutions of the problems it is asked: it shows every
# step of a real run, and its scores mean nothing about code.
