-- Version 1. Times are milliseconds UTC; words are those of the program; hashes are SHA-256.

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('epoch', 0), ('progress', 0);

-- Sums since the store began: counting millions of rows on every look would be slow.
CREATE TABLE counter (
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (name, label)
) STRICT, WITHOUT ROWID;

-- Positions and hashes only, so that a purge of payloads keeps the log verifiable.
CREATE TABLE log (
  position INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  -- IN would build a table of the words for each row
  type TEXT NOT NULL CHECK (type = 'record' OR type = 'tick' OR type = 'pack' OR type = 'threshold' OR type = 'act'),
  hash BLOB,
  -- the rest is set for records only
  source TEXT,
  record_id TEXT,
  kind TEXT,
  occurred_at INTEGER,
  received_at INTEGER,
  revision INTEGER,
  withdrawn INTEGER,
  newest INTEGER,     -- 1 when no newer revision had come before it
  replaced INTEGER,   -- the position of the revision that was newest until then
  unknown_fields INTEGER
) STRICT;
-- the first revision of a record is found through `record`
CREATE INDEX log_revision ON log (source, record_id, position) WHERE revision > 1;
CREATE INDEX log_pack ON log (type, position) WHERE type = 'pack';
CREATE INDEX log_threshold ON log (type, position) WHERE type = 'threshold';

CREATE TABLE payload (
  position INTEGER PRIMARY KEY REFERENCES log (position),
  subjects TEXT,  -- of a record: whose dossiers this revision entered
  body BLOB NOT NULL
) STRICT;

CREATE TABLE record (
  source TEXT NOT NULL,
  record_id TEXT NOT NULL,
  first INTEGER NOT NULL,
  newest INTEGER NOT NULL,
  revisions INTEGER NOT NULL,
  last_received INTEGER NOT NULL, -- of the newest content; the same content received again moves it on
  PRIMARY KEY (source, record_id)
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

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  times INTEGER NOT NULL,
  fingerprint BLOB NOT NULL,
  source TEXT,
  record_id TEXT,
  code TEXT NOT NULL,
  pointer TEXT NOT NULL,
  detail TEXT NOT NULL,
  body BLOB NOT NULL,
  submitted_by TEXT NOT NULL,
  settled_at INTEGER,
  settled_how TEXT
) STRICT;
CREATE UNIQUE INDEX quarantine_waiting ON quarantine (fingerprint) WHERE settled_at IS NULL;
CREATE INDEX quarantine_record ON quarantine (source, record_id) WHERE settled_at IS NULL;

CREATE TABLE finding (
  subject_kind TEXT NOT NULL,
  subject_key TEXT NOT NULL,
  rule TEXT NOT NULL,
  trigger_source TEXT NOT NULL,
  trigger_id TEXT NOT NULL,
  firing INTEGER NOT NULL,
  body TEXT NOT NULL,
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
CREATE INDEX alert_opened ON alert (opened_at, id);
CREATE INDEX alert_state ON alert (state, severity);

CREATE TABLE alert_agency (
  agency TEXT NOT NULL,
  alert TEXT NOT NULL REFERENCES alert (id),
  PRIMARY KEY (agency, alert)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_event (
  seq INTEGER PRIMARY KEY,
  alert TEXT NOT NULL REFERENCES alert (id),
  position INTEGER NOT NULL,
  at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX alert_event_alert ON alert_event (alert, seq);

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
  state TEXT NOT NULL CHECK (state IN ('waiting', 'claimed', 'delivered', 'dead')),
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
CREATE INDEX delivery_alert ON delivery (alert);
CREATE INDEX delivery_dead ON delivery (channel) WHERE state = 'dead';

CREATE TABLE delivery_attempt (
  seq INTEGER PRIMARY KEY,
  delivery TEXT NOT NULL REFERENCES delivery (id),
  at INTEGER NOT NULL,
  outcome TEXT NOT NULL
) STRICT;
CREATE INDEX delivery_attempt_delivery ON delivery_attempt (delivery, seq);

CREATE TABLE token (
  hash BLOB PRIMARY KEY,
  agency TEXT NOT NULL,
  role TEXT NOT NULL,
  sources TEXT NOT NULL,
  kinds TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_link (
  hash BLOB PRIMARY KEY,
  alert TEXT NOT NULL,
  agency TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- hash covers every other column, and through previous all rows before; payloads stand elsewhere.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  what TEXT NOT NULL,
  object TEXT NOT NULL,
  payload_hash BLOB NOT NULL,
  previous BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;
