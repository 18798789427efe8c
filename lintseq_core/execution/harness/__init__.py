"""The harness's side of a box: what it holds, how it starts, what is read from it."""
