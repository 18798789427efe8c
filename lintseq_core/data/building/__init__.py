"""Edit data sets built from instruction data: killed, resumed or run by many, the same bytes."""
