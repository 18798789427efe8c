"""What runs in boxes and beside them, compiled into scripts: the standard library alone."""
