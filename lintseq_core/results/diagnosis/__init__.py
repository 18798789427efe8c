"""Why a score is low: faults of the harness that a file of samples shows, and what they cost."""
