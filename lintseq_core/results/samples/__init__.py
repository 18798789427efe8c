"""The one owner of files of samples and of data sets: each is read once and then asked.

A file becomes a folder in the cache, by its content: `rows.parquet` holds every row as it was
read, `structure.parquet` what the syntax trees of its programs say, made after the rest,
`counts.json` the counts that scores begin with, and `about.json` where it came from and what was
left out. A `Store` opens such a folder and answers with DuckDB.
"""
