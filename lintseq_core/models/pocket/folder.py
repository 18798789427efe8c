"""KIND placeholder."""
KIND = "pocket"
