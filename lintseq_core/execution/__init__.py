"""Running programs that nobody vouches for, and judging them."""
