-- The state, version 1: what is judged from the log, in a file of its own beside it. All of it is a function of the log but
-- for what became of deliveries. Names differ from the log's, because readers see both files at once.

CREATE TABLE state_meta (
  key TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- log: the id of the log that it was judged from
INSERT INTO state_meta VALUES ('log', 0), ('epoch', 0), ('progress', 0);

-- Sums since the state began, as `counter` has them of the log.
CREATE TABLE state_counter (
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (name, label)
) STRICT, WITHOUT ROWID;

-- Which revision stood in which dossier, from its own position until that of the one that replaced it.
CREATE TABLE dossier (
  subject_kind TEXT NOT NULL,
  subject_key TEXT NOT NULL,
  kind TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  source TEXT NOT NULL,
  record_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  until INTEGER,
  PRIMARY KEY (subject_kind, subject_key, kind, occurred_at, source, record_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE finding (
  subject_kind TEXT NOT NULL,
  subject_key TEXT NOT NULL,
  rule TEXT NOT NULL,
  trigger_source TEXT NOT NULL,
  trigger_id TEXT NOT NULL,
  firing INTEGER NOT NULL,
  body TEXT NOT NULL,
  alert TEXT,  -- to which it belongs
  PRIMARY KEY (subject_kind, subject_key, rule, trigger_source, trigger_id, firing)
) STRICT, WITHOUT ROWID;

CREATE TABLE timer (
  subject_kind TEXT NOT NULL,
  subject_key TEXT NOT NULL,
  rule TEXT NOT NULL,
  trigger_source TEXT NOT NULL,
  trigger_id TEXT NOT NULL,
  firing INTEGER NOT NULL,
  due INTEGER NOT NULL,
  PRIMARY KEY (subject_kind, subject_key, rule, trigger_source, trigger_id, firing)
) STRICT, WITHOUT ROWID;
CREATE INDEX timer_due ON timer (due);

CREATE TABLE alert (
  id TEXT PRIMARY KEY,
  rule TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_key TEXT NOT NULL,
  state TEXT NOT NULL,
  open INTEGER NOT NULL,
  severity INTEGER NOT NULL,  -- 0 silent, 1 siaga-3, 2 siaga-2, 3 siaga-1
  held INTEGER NOT NULL,
  kabupaten TEXT,
  opened_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX alert_subject ON alert (subject_kind, subject_key, open);
-- the last two for counting
CREATE INDEX alert_opened ON alert (opened_at, id, state, severity);

CREATE TABLE alert_agency (
  agency TEXT NOT NULL,
  alert TEXT NOT NULL REFERENCES alert (id),
  PRIMARY KEY (agency, alert)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_event (
  alert TEXT NOT NULL REFERENCES alert (id),
  seq INTEGER NOT NULL,
  position INTEGER NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (alert, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_failure (
  rule TEXT PRIMARY KEY,
  times INTEGER NOT NULL,
  last_reason TEXT NOT NULL,
  last_position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE delivery (
  id TEXT PRIMARY KEY,
  alert TEXT NOT NULL,
  revision INTEGER NOT NULL,
  agency TEXT NOT NULL,
  channel TEXT NOT NULL,
  recipient TEXT NOT NULL,
  severity INTEGER NOT NULL,
  notice TEXT NOT NULL,
  -- IN would build a table of the words for each row
  state TEXT NOT NULL CHECK (state = 'waiting' OR state = 'claimed' OR state = 'delivered' OR state = 'dead'),
  attempts INTEGER NOT NULL,
  due_at INTEGER,  -- waiting: when to send; claimed: when the lease ends; settled: none
  last_outcome TEXT,
  created_at INTEGER NOT NULL,
  first_attempt_at INTEGER,  -- since it was put in or revived: giving up counts from here
  settled_at INTEGER
) STRICT;
-- the whole of what claiming looks at: for each recipient the order of sending
CREATE INDEX delivery_unsettled ON delivery (channel, recipient, severity DESC, created_at, id, due_at, state)
  WHERE due_at IS NOT NULL;
CREATE INDEX delivery_due ON delivery (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_created ON delivery (created_at, id);
CREATE INDEX delivery_dead ON delivery (channel) WHERE state = 'dead';

CREATE TABLE delivery_attempt (
  delivery TEXT NOT NULL REFERENCES delivery (id),
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  PRIMARY KEY (delivery, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_link (
  hash BLOB PRIMARY KEY,
  alert TEXT NOT NULL,
  agency TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was delivered of a state that was set aside: it is not told again, as long as the log has all that it came of.
CREATE TABLE told_before (
  delivery TEXT PRIMARY KEY,
  settled_at INTEGER NOT NULL,
  position INTEGER NOT NULL  -- the last entry that it may have come of
) STRICT, WITHOUT ROWID;

-- Rows for the audit log, on their way into its chain. The last one stays, so that numbers are never given twice.
CREATE TABLE audit_waiting (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  what TEXT NOT NULL,
  object TEXT NOT NULL,
  payload_hash BLOB NOT NULL
) STRICT;
