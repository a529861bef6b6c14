-- Version 3. Each version of the rule pack is kept whole: entries are judged by the pack that was in force when they
-- were taken in, whatever lies in its folder by then. A text that versions share is kept once.

CREATE TABLE pack_text (
  digest BLOB PRIMARY KEY,
  text TEXT NOT NULL
) STRICT;

CREATE TABLE pack_file (
  pack TEXT NOT NULL,  -- the version's hash
  path TEXT NOT NULL,
  digest BLOB NOT NULL REFERENCES pack_text (digest),
  PRIMARY KEY (pack, path)
) STRICT, WITHOUT ROWID;
