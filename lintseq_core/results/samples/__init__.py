"""Files of any size as tables: imported once, then filtered, searched and compared in memory.

A table is a folder: `texts.parquet` holds the programs in groups that are read one at a time,
`columns.parquet` a few numbers and words of every row, which stay in memory, `structure.parquet`
what the syntax trees say, made after the rest. `about.json` says where it came from.
"""
