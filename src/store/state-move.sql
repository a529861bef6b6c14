-- From the one file of version 3 and before, attached as `old`, to the state.
INSERT INTO main.dossier SELECT * FROM old.dossier WHERE subject_kind <> 'record';
INSERT INTO main.finding SELECT * FROM old.finding;
INSERT INTO main.timer SELECT * FROM old.timer;
INSERT INTO main.alert (rowid, id, rule, subject_kind, subject_key, state, open, severity, held, kabupaten, opened_at, body)
  SELECT rowid, id, rule, subject_kind, subject_key, state, open, severity, held, kabupaten, opened_at, body FROM old.alert;
INSERT INTO main.alert_agency SELECT * FROM old.alert_agency;
INSERT INTO main.alert_event SELECT alert, seq, position, at, body FROM old.alert_event;
INSERT INTO main.rule_failure SELECT * FROM old.rule_failure;
INSERT INTO main.delivery SELECT * FROM old.delivery;
INSERT INTO main.delivery_attempt SELECT delivery, seq, at, outcome FROM old.delivery_attempt;
INSERT INTO main.mail_link SELECT * FROM old.mail_link;
INSERT INTO main.state_counter SELECT * FROM old.counter WHERE name IN ('dispositions', 'delivered');
