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
# # Quickstart: a program as a sequence of edits
#
# LintSeq deletes a random line of a finished program, asks a linter what breaks, deletes that too, and
# repeats until nothing is left. Read backwards, that is the program being written, edit by edit, each
# edit free of new linter errors.

# %%
import importlib.util

from IPython import get_ipython

if importlib.util.find_spec("lintseq_core") is None:  # outside an installation, as in Colab
    get_ipython().run_line_magic("pip", "install -q 'lintseq-core[notebooks]'")

# %%
from lintseq_core import apply_edits, parse_edits, sample_paths
from lintseq_core.experiments.places import example_programs
from lintseq_core.viewer.notebook import prepare, show
from lintseq_core.viewer.widget import PlayerWidget

prepare()
program = example_programs()["matrix_sum"]
print(program.text)

# %% [markdown]
# ## Five ways to write it
#
# Click the player, then ← and → step through the edits, `n` and `p` go to another sequence, `x` says why
# lines belong together, `w` asks what would go with a line, `?` lists all keys.

# %%
player = PlayerWidget(sample_paths(program, seed=0, n_paths=5), title="matrix_sum")
show(player)

# %% [markdown]
# Where you are in the player is a number in Python, both ways.

# %%
player.step = 3
print(f"sequence {player.index + 1}, after edit {player.step} of {player.sequence.n_edits}:")
print(list(player.sequence.states())[player.step])

# %% [markdown]
# ## What a model is trained on
#
# The instruction, then every edit as a diff without context behind a marker. The strict parser reads it
# back, and applying the edits restores the program.

# %%
text = player.sequence.to_model_text()
print(text)
assert apply_edits(parse_edits(text).edits) == program.text

# %% [markdown]
# ## From here
#
# - your own file: `Program.from_file("program.py")` in place of the example
# - [01](01_algorithm.ipynb) the algorithm, [02](02_edit_data.ipynb) the data made of it; the other
#   notebooks are the paper's experiments, one each ([table](README.md))
# - `make dashboard` for the same player with everything around it
