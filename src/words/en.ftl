# What siaga says in English. The same messages with the same arguments stand in id.ftl.

## Diagnostics

did-you-mean = did you mean `{ $word }`?

## Replay against another pack

against-column-gained = gained
against-column-lost = lost
against-column-changed = changed
against-column-same = same
against-nothing = both packs come to the same { $alerts } alerts
against-gained = { $alerts } alerts gained
against-lost = { $alerts } alerts lost
against-changed = { $alerts } alerts changed
against-more = and { $alerts } more; `--examples` shows more of them
against-opens = opens at { $after }, was { $before }
against-severity = severity { $after }, was { $before }
against-told-too = told now: { $agencies }
against-told-no-more = told no more: { $agencies }
against-held = held ({ $reason })
against-held-no-more = held no more
against-told = told: { $agencies }

## Would the same have been decided about other people?

counterfactual-decisions = { $decisions } decisions about the people as they are; with other people in their place:
counterfactual-flips = { $exchanged } exchanged: { $flips ->
    [0] every decision is the same
    [one] 1 decision comes out otherwise
   *[other] { $flips } decisions come out otherwise
  }
counterfactual-before = as they are: { $decisions }
counterfactual-after = exchanged: { $decisions }
counterfactual-nothing = nothing found
counterfactual-more = and { $flips } more; `--format json` lists all of them
trait-nationality = nationality
trait-issuer = passport issuer
trait-sex = sex
trait-name = name
trait-all = all together

## Whether alerts fall on some nationalities more than on others

disparity-heading = { $people } people in the records, { $alerted } of them with an alert that somebody was told of ({ $share })
disparity-nationality = nationality
disparity-people = people
disparity-with-alert = with an alert
disparity-alerts = alerts
disparity-share = share
disparity-chance = beside the whole
disparity-hidden = hidden
disparity-within-chance = within chance ({ $from } to { $to })
disparity-above-chance = MORE than chance ({ $from } to { $to })
disparity-below-chance = less than chance ({ $from } to { $to })
disparity-elsewhere = { $alerts } more alerts are about lodgings, sponsors, events or sources
disparity-note = counts below { $least } are hidden, and others where a sum would tell them; of 20 nationalities one lies beyond chance by chance

## Making a rule

new-rule = { $path } is there: it checks, and its tests pass
    next: write what it asks in place of `TULIS:`, then
      siaga check { $pack }
      siaga test { $pack }
      siaga replay --rules { $pack } --records FILE
    it runs in the shadow, counted and never sent, until `status` is taken out

## The pack where it runs

pack-refused-title = The rule pack on the disk is refused
pack-refused = The rule pack that was saved last cannot be used ({ $errors } errors). The rules in force before go on judging; no rule is lost.
    The first error: { $reason }
pack-refused-action = Have the author of the rules run `siaga check` on the pack, mend it and save it again. Siaga loads it by itself.
rule-stopped-title = The rule { $rule } was stopped
rule-stopped = The rule "{ $title }" could not be judged several times in a row, and judges no more until the pack changes. The other rules go on.
rule-stopped-action = Have the author of the rules look at the cause in `GET /v1/rules`, mend it and save the pack.

## The catalogue

doc-stale = `{ $path }` is not what the pack says now; help: run the same command without `--check`

## The words of the rule language

guide-seen = Whether the subject's dossier holds such a record: of this kind, in the window back from the trigger, with equal fields. In `unless` it looks from the trigger on; with a window it also reaches back so far.
guide-count = How many such records the subject's dossier holds.
guide-first = The earliest such record; its fields follow after a dot.
guide-last = The latest such record; its fields follow after a dot.
guide-distinct = How many different values of a field (or how many subjects) such records hold.
guide-overlaps = How many different values of a field stand in stays that overlap the trigger's for at least so long.
guide-median-count = What is usual for the subject itself: the median of its counts in windows of this length, over a longer time.
guide-usual-gap = The usual time between the subject's records; missing as long as there are few of them.
guide-in-force = Whether such a record is valid at the time of the trigger.
guide-permit = The stay permit that is valid at the time of the trigger; its fields follow after a dot.
guide-phase = The phase in which the record happened, at its place.
guide-phase-now = The phase as of now, which for a deadline is the time when it is due.
guide-days-to-voting = Days from the record to the next voting day at its place; negative after the last one.
guide-is-voting-day = Whether people voted when and where the record happened.
guide-stage = The first or last instant of a stage of the election.
guide-threshold = A tunable number, as it stands for the phase and the kabupaten of the record.
guide-listed = Whether a reference list of the pack holds a key.
guide-days = So many times 24 hours.
guide-hours = So many hours.
guide-minutes = So many minutes.
guide-working-days = So many working days by the pack's holidays, at the same time of day.
guide-time = An instant, written out with its offset.
guide-min = The least of numbers, times or spans of time.
guide-max = The greatest of numbers, times or spans of time.
guide-has = Whether a field is stated. A comparison with a missing field is false, `!=` too.
guide-starts-with = Whether a text begins with another.
guide-ends-with = Whether a text ends with another.
guide-contains = Whether a text holds another.
guide-in = Whether a value is one of a list.
guide-guard = Marks a condition that no test has to show both true and false: it stands there for safety.
guide-key-title = What the alert is called, in a few words.
guide-key-flags = What the rule flags, in a sentence.
guide-key-why = Why the rule exists.
guide-key-action = What the officers are to do.
guide-key-false-positives = When the rule is known to be wrong.
guide-key-severity = How urgent it is: one severity, or a map from phase to severity with `otherwise`.
guide-key-notify = Who is told: roles, or a map from role to its own message.
guide-key-basis = The citations on which the rule rests; one of them has to be in force on every day it runs.
guide-key-per = What the rule is about, whose dossier it reads: `person`, `nik`, `lodging`, `sponsor`, `event`, `source` or `record`.
guide-key-on = The kinds of record that trigger the rule.
guide-key-phases = The phases in which the rule judges; all of them when left out.
guide-key-values = Named values that `when`, messages and the evidence share.
guide-key-when = The condition: all conjuncts joined by `&&` must hold.
guide-key-deadline = When it is due, for "X, and no Y by then": the trigger only arms.
guide-key-unless = What would have answered the deadline.
guide-key-each = `"record"`: each trigger has a deadline of its own.
guide-key-steps = Later firings of the same alert, each with a severity of its own.
guide-key-once-per = How often a matter becomes an alert: `case`, `phase`, `record`, or a span of time.
guide-key-area = The kabupaten that a finding belongs to, where it is not the trigger's.
guide-key-message = What the agencies are told; `$` with braces fills in a value.
guide-key-status = `stable`, `shadow` (judges and sends nothing; its own tests show what it would send) or `draft` (is checked and does not judge).
guide-key-suppresses = Rules whose findings on the same subject are held while an alert of this one is open.
guide-key-tests = The rule's own tests: records, and what is to come of them. One has to fire and one to stay silent.

## In the editor

editor-record = The record that triggered the rule.
editor-parameter = What the helper is given.
editor-value = A value that the rule names in `values`.
editor-helper = A helper: an expression with a name, or statements over numbers, texts and times.
editor-rule = A rule: one for each file, named as the file.
editor-section = A part of a record.
editor-or = or
editor-type-bool = true or false
editor-type-int = whole number
editor-type-number = number
editor-type-text = text
editor-type-time = time
editor-type-word = one of { $words }
editor-group = seen by agencies that may see `{ $group }`
editor-protected = protected: a message may show it, no condition may read it
editor-kind = has to state { $fields }
editor-kind-bare = has to state nothing beside its envelope
editor-envelope-kind = The record's kind.
editor-envelope-source = Who sent it.
editor-envelope-id = Its id, unique within its source.
editor-envelope-occurred-at = When it happened.
editor-threshold = { $value } { $unit }, between { $min } and { $max }
editor-days = from { $from } up to { $until }
editor-days-from = from { $from } on
editor-stage-starts = first instant
editor-stage-ends = last instant
editor-unverified = not read in a named source
editor-in-force = in force from { $from } to { $until }
editor-in-force-from = in force from { $from } on
editor-role-of-nobody = no agency has this role
editor-agency = roles: { $roles }; kabupaten: { $kabupaten }; may see: { $groups }
editor-list = { $keys } keys
editor-list-protected = its key is protected: no condition may ask for it
editor-subject-person = A traveller, by passport.
editor-subject-nik = A resident, by the keyed hash of the NIK.
editor-subject-lodging = A lodging, by its id.
editor-subject-sponsor = A sponsor or employer, by its id.
editor-subject-event = A campaign event or other event, by its id.
editor-subject-source = A sender of records.
editor-subject-record = The record itself.
editor-siaga-1 = act now
editor-siaga-2 = same or next working day
editor-siaga-3 = in the digest
editor-silent = recorded, nobody is told
editor-status-stable = It judges and alerts.
editor-status-shadow = It judges and is counted; nothing is sent.
editor-status-draft = It is checked and does not judge.
editor-once-per-case = Until the alert is closed.
editor-once-per-phase = Once in each phase.
editor-once-per-record = For each record.
editor-otherwise = The severity in all phases that are not named.
editor-test-name = What the test shows.
editor-test-records = The records that come in, in order.
editor-test-advance-to = Time runs on to here after the last record.
editor-test-thresholds = Thresholds set for this test.
editor-test-fires = The rule's id once for each alert that opens; empty where nothing may come of the records.
editor-test-severity = The severity of the last alert.
editor-test-told = The agencies that are told.
editor-test-resolved = How many alerts resolve.
editor-step-after = How long after the deadline.
editor-step-severity = The severity of this step.
editor-step-basis = Citations beside the rule's own.
editor-run-test = Run this test
editor-run-tests = Run all tests of this rule
editor-tests-passed = { $rule }: { $tests ->
    [one] the test passes
   *[other] { $tests } tests pass
  }
editor-tests-failed = { $rule }: { $failed } of { $tests } tests failed
editor-no-tests = { $rule }: there is no such test
editor-pack-is-broken = the pack has errors: mend them before its tests can run
editor-replace = Replace it by `{ $word }`

## Why a rule finds something at a record, or not

trace-held = every condition holds
trace-other-kind = the rule does not run at records of this kind
trace-draft = the rule is a draft and judges nothing
trace-no-subject = the record does not state what the rule is about
trace-outside-area = it happened in { $kabupaten }, where this pack is not responsible
trace-not-in-phase = the rule does not run in phase `{ $phase }`
trace-failed = it could not be judged: { $fault }
trace-never-due = a part of its deadline is not stated, so it is never due
trace-waits = its deadline waits until { $until }
trace-taken-over = a newer record took its deadline over
trace-answered = its deadline was { $due }; by now, what it waited for has come
clause-holds = `{ $condition }` holds
clause-holds-bound = `{ $condition }` holds: it saw { $value }, it takes { $bound }
clause-not-held = `{ $condition }` does not hold
clause-not-held-bound = `{ $condition }` does not hold: it saw { $value }, it takes { $bound }
clause-missing = `{ $condition }` does not hold: what it reads is not stated
clause-failed = `{ $condition }` could not be told: { $fault }

## Tests of rules

trial-quarantined = record { $record } of the test would be quarantined: { $faults }
trial-repeats = record { $record } of the test repeats another one
trial-fires = { $expected ->
    [0] no alert was to open
    [one] 1 alert was to open
   *[other] { $expected } alerts were to open
  }, { $happened ->
    [0] none did
    [one] 1 did
   *[other] { $happened } did
  }
trial-severity = the last alert was to be { $expected }, and is { $happened }
trial-severity-without-alert = the last alert was to be { $expected }, and there is none
trial-told = to be told: { $expected }; told: { $happened }
trial-resolved = to be resolved: { $expected }; resolved: { $happened }
trial-failed = the rule could not be judged: { $reason }
trial-nothing-judged = nothing was judged: no record is of a kind that the rule runs at, or no deadline came
trial-joined = what was found joined an alert that was open
trial-more = and { $records } more
trial-place = found in phase `{ $phase }`, kabupaten { $kabupaten }
trial-at = { $record }, { $at }: { $why }
test-passed = { $passed } passed, { $failed } failed
coverage-heading = { $rule } ({ $file })
coverage-conjunct = held { $held }, did not hold { $not } times
coverage-unless = answered { $held }, not answered { $not } times
coverage-guard = a guard
coverage-phases = phases: { $phases }
coverage-phase = { $phase } ({ $found } found of { $judged })
coverage-phase-never = { $phase } (never judged)
coverage-summary = { $covered } of { $all } conditions were seen both ways
test-watching = watching { $folder }; Ctrl-C ends

## Tables that are refused whole

sheet-unreadable = the file cannot be read: { $reason }
sheet-unreadable-help = check that the file is still there and may be read, then send it again
sheet-empty = there is nothing in the file
sheet-empty-help = check that it is the right file, and that it was saved after it was filled in
sheet-too-large = the file is larger than { $most } MB
sheet-split-help = send it in parts, for instance one file for each month
sheet-image = the file is a picture, not a table
sheet-pdf = the file is a PDF, not a table
sheet-document = the file is a document, not a table
sheet-type-in-help = send the table itself, saved as .xlsx or .csv; if there is none, type it into the template
sheet-web-page = the file is a web page, even if its name says otherwise
sheet-archive = the file has other files packed in it
sheet-archive-help = unpack it and send the tables themselves
sheet-binary = the file is neither text nor a workbook
sheet-other-workbook = the file is a { $ending } workbook, which is not read here
sheet-save-help = open it in Excel or LibreOffice, choose "Save As", and save it as .xlsx (Excel Workbook)
sheet-macros = the workbook has macros in it, so it is not opened
sheet-password = the workbook opens with a password only
sheet-password-help = open it, take the password off (File, Info, Protect Workbook), save it, and send it again
sheet-damaged = the workbook is damaged, or was cut off on its way
sheet-damaged-help = open it in Excel or LibreOffice; if it opens, save it as a new .xlsx and send that; if not, send the original again
sheet-unpacks-too-large = unpacked, the workbook would take { $mb } MB, far more than the table in it can need
sheet-too-many-parts = the workbook has more than { $most } parts
sheet-entities = the workbook holds something that no spreadsheet program writes
sheet-too-many-formats = the workbook has more than { $most } formats and names
sheet-copy-help = copy the table into a new workbook as values, save it as .xlsx, and send that
sheet-too-many-cells = the workbook has more than { $most } cells
sheet-too-many-rows = the table has more than { $most } rows
sheet-too-much-text = the workbook has more text in it than is taken at once
sheet-too-many-columns = row { $row } has more than { $most } columns
sheet-too-many-columns-help = delete the columns that do not belong to the table, and check what stands between its cells
sheet-long-cell = cell { $cell } is longer than a spreadsheet program can hold
sheet-long-row = row { $row } has more text in it than is taken of one row
sheet-long-cell-help = shorten it, or check that a line was not saved without its end
sheet-open-quote = the quote mark in line { $line } opens a cell and does not close it where the cell ends
sheet-open-quote-help = take the quote mark out, or put one at the end of the cell too, and send the file again
sheet-no-such-sheet = the workbook has no sheet `{ $wanted }`; it has `{ $there }`
sheet-no-such-sheet-help = name the sheet with the table as it is asked for
sheet-unknown-error = in row { $row } or the one after it, a formula failed with `{ $error }`
sheet-unknown-error-help = put the value itself in place of the formula
