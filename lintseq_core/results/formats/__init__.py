"""Files of samples and results in the formats of other tools and our own: read and written."""
