"""Training: from rows of a data set to the weights of a model that writes edits or programs."""
