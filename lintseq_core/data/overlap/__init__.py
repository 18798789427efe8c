"""Whether training data holds what models are evaluated on."""
