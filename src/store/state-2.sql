-- Version 2. Findings have rows of their own, in the order of their coming: most are too long for a place in an index and took
-- a page each. What is under way is read from an index, not delivery by delivery.

ALTER TABLE finding RENAME TO finding_before;
CREATE TABLE finding (
  subject_kind TEXT NOT NULL,
  subject_key TEXT NOT NULL,
  rule TEXT NOT NULL,
  trigger_source TEXT NOT NULL,
  trigger_id TEXT NOT NULL,
  firing INTEGER NOT NULL,
  body TEXT NOT NULL,
  alert TEXT,  -- to which it belongs
  UNIQUE (subject_kind, subject_key, rule, trigger_source, trigger_id, firing)
) STRICT;
INSERT INTO finding SELECT * FROM finding_before;
DROP TABLE finding_before;
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (due_at, state, channel, recipient) WHERE due_at IS NOT NULL;
