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
# # The algorithm (figure 2)
#
# Backward: draw a line, delete it, delete what the linter then finds, until it finds nothing new; again,
# until no line is left. Forward: the states in reverse are the program being written, and the edits are
# the differences between them.

# %%
import importlib.util

from IPython import get_ipython

if importlib.util.find_spec("lintseq_core") is None:  # outside an installation, as in Colab
    get_ipython().run_line_magic("pip", "install -q 'lintseq-core[notebooks]'")

# %%
from lintseq_core.charts.bars import bars_figure
from lintseq_core.charts.birth_order import birth_order_figure
from lintseq_core.charts.orders import read_orders
from lintseq_core.charts.theme import LIGHT
from lintseq_core.edits import sample_paths
from lintseq_core.experiments import algorithm
from lintseq_core.experiments.beside import beside_record
from lintseq_core.experiments.experiment import recorded_results
from lintseq_core.experiments.paper_runs import plan_frame
from lintseq_core.experiments.places import example_programs
from lintseq_core.viewer import PredictWidget
from lintseq_core.viewer.lab import TrajectoryLab
from lintseq_core.viewer.notebook import prepare, show

prepare()
show(algorithm.EXPERIMENT)

# %% [markdown]
# `profile` is the size of the run (smoke, cpu); `program` one of the examples, `line_number` a line of it.

# %% tags=["parameters"]
profile = "smoke"
program = "matrix_sum"
line_number = 8

# %% [markdown]
# ## Step through it
#
# Program, method, seed and s are controls; the player below them follows. `lab.player.step`,
# `lab.sequence` and the rest are values in Python. `x` switches the X-ray on: the drawn line, then round
# by round what the linter named, with an arrow from the missing line to the one that breaks.

# %%
programs = example_programs()
lab = TrajectoryLab(programs, program=program, step=2)
show(lab)

# %%
print(f"after edit {lab.player.step} of {lab.sequence.n_edits}")
print(list(lab.sequence.states())[lab.player.step])

# %% [markdown]
# ## What if this line goes?
#
# The closure of one line of the whole program: everything that goes with it, and why. In the player the
# same is behind the key `w`.

# %%
show(algorithm.closure_frame(programs[program], line_number))

# %% [markdown]
# ## Predict the next edit
#
# Which lines could the next edit insert, all at once? Every edit that LintSeq could draw there is right.
# `exercise.score` counts.

# %%
exercise = PredictWidget(lab.sequence, title=program)
show(exercise)

# %% [markdown]
# ## Many ways to write one program
#
# When each line comes, in a hundred sequences (a column each): rows of one colour come at the same time in all of
# them.

# %%
orders = read_orders(sample_paths(programs[program], seed=0, n_paths=100))
show(birth_order_figure(orders, LIGHT))

# %% [markdown]
# ## Linters compared
#
# Every example program is taken apart with each linter, and without one (RandSeq); pyflakes judges every
# state. A state is broken if it has a finding that the whole program does not have.

# %%
result = algorithm.run(algorithm.EXPERIMENT.config(profile))
show(result.tables["linters"])

# %%
show(
    bars_figure(
        result.tables["linters"], LIGHT, group="method", series=None, value="broken_share",
        y="share of states that are broken", percent=True,
    )
)  # fmt: skip

# %% [markdown]
# ## How a line is drawn
#
# The pseudo-code draws lines uniformly, the authors' code weights them by indentation. Weighting makes
# more and smaller edits, because inner lines go before the blocks that hold them.

# %%
show(result.tables["draws"])

# %% [markdown]
# ## Does it hold?

# %%
show(result)

# %% [markdown]
# Beside the record, claim by claim:

# %%
show(beside_record(result))

# %% [markdown]
# Recorded runs of this experiment:

# %%
show(*recorded_results("algorithm") or ["No record of this experiment is here."])

# %% [markdown]
# ## At full size
#
# Counted and not run here: what the paper's programs take with the linter that the authors ask and with ours, with the first
# command in full (`python -m lintseq_core.experiments.algorithm --profile paper --dry-run`).

# %%
plans = algorithm.plan(algorithm.EXPERIMENT.config("paper"))
show(plan_frame(plans), plans[0])

# %% [markdown]
# ## Limits and cost
#
# The programs are fifteen examples of this project, not the paper's data; that LintSeq leaves no new
# findings is a property of the algorithm and holds for the linter it asks, here pyflakes: what another
# linter would say of the same states shows in the row of ruff. Cost: seconds on one CPU core; pylint,
# which the authors ask, takes a hundred times as long as pyflakes and had short programs only.
