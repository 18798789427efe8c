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
# # Small models (table 1)
#
# The paper's table of models of up to 400 million parameters, and SmolLM2-135M taught here: as it is, on
# whole programs, on edits by LintSeq, and on edits drawn blindly.

# %%
import importlib.util

from IPython import get_ipython

if importlib.util.find_spec("lintseq_core") is None:  # outside an installation, as in Colab
    get_ipython().run_line_magic("pip", "install -q 'lintseq-core[data,eval,notebooks,train]'")

# %%
from lintseq_core.charts.bars import bars_figure
from lintseq_core.charts.theme import LIGHT
from lintseq_core.experiments import recorded_models, small_models
from lintseq_core.experiments.experiment import recorded_results
from lintseq_core.viewer.notebook import prepare, show

prepare()

# %%
show(small_models.TABLE_CLAIMS)

# %% [markdown]
# `profile` is the size of the run whose commands are listed: smoke, cpu, small (one GPU), paper.

# %% tags=["parameters"]
profile = "smoke"

# %% [markdown]
# ## The published table

# %%
show(small_models.published_table())

# %%
show(
    bars_figure(
        small_models.bar_frame(), LIGHT, group="model", series="k", value="score",
        y="HumanEval, % solved", height=460,
    )
)  # fmt: skip

# %%
show(small_models.published_judgements())

# %% [markdown]
# ## What was trained here
#
# `python -m lintseq_core.experiments.small_models --profile cpu --mined mined.jsonl -o runs/cpu` trains
# and samples all arms on the same instructions, and goes on where it was stopped.

# %% tags=["varies"]
scores = recorded_models.recorded_frame("scores", recorded_models.SCORES)
show(scores if len(scores) else recorded_models.NO_RECORD)

# %% tags=["varies"]
costs = recorded_models.recorded_frame("cost", recorded_models.COSTS)
show(costs if len(costs) else recorded_models.NO_RECORD)

# %% [markdown]
# ## Does it hold?

# %% tags=["varies"]
show(small_models.table_judgements())

# %% tags=["varies"]
show(*recorded_results("small_models") or [recorded_models.NO_RECORD])

# %% [markdown]
# ## At each size
#
# The commands of this profile, stage by stage.

# %%
show(small_models.command_frame(profile))

# %% [markdown]
# ## Limits and cost
#
# TinyCodeLM's weights are on the Hugging Face Hub and not part of this project; SmolLM2-135M is an
# instruction model of its size with other pre-training, so absolute scores do not compare with the table,
# differences between arms do. Rows of other people's models come from their papers, under other protocols.
# Cost: smoke a minute, cpu hours, small half an hour of one GPU.
