-- From version 1 of the state: findings stood in an index, where most of them took a page each, and what is under way was
-- looked up delivery by delivery.

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
