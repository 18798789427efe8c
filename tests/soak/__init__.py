"""A long run of mixed load on the whole product: `make soak`."""
