"""What runs leave behind: records, samples and verdicts of any tool, and published numbers."""
