-- Version 4. What is judged from the log stands in a file of its own beside it (`state.sql`): it can be judged again, so
-- its commits wait for no disk, and what has to be durable is only what is here.

DROP TABLE delivery_attempt;
DROP TABLE delivery;
DROP TABLE mail_link;
DROP TABLE alert_agency;
DROP TABLE alert_event;
DROP TABLE alert;
DROP TABLE finding;
DROP TABLE timer;
DROP TABLE rule_failure;
DROP TABLE dossier;
DELETE FROM counter WHERE name IN ('dispositions', 'delivered');
DELETE FROM meta WHERE key = 'progress';
-- id: by which the state knows its log; audited: up to where the state's rows are in the audit log
INSERT INTO meta VALUES ('id', random()), ('audited', 0);
