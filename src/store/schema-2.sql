-- Version 2. A finding says to which alert it belongs, and alerts no longer repeat their findings: one that goes on
-- growing would be written anew, whole, with every finding.

ALTER TABLE finding ADD COLUMN alert TEXT;
UPDATE finding SET alert = (
  SELECT alert.id FROM alert, json_each(alert.body, '$.findings') AS part
  WHERE alert.subject_kind = finding.subject_kind AND alert.subject_key = finding.subject_key
    AND alert.rule = finding.rule
    AND part.value ->> '$.key.trigger.source' = finding.trigger_source
    AND part.value ->> '$.key.trigger.id' = finding.trigger_id
    AND part.value ->> '$.key.firing' = finding.firing
);
UPDATE alert SET body = json_remove(body, '$.findings');
