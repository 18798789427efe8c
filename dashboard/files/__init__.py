"""What visitors and the command brought: given files, what ships, caches."""
