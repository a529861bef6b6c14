
## Explanations

thing-alert = alert
thing-record = record
disposed-open = it opened the alert
disposed-repeat = it joined the alert, which was open since { $since }
disposed-escalate = it joined the open alert and raised it from { $from } to { $to }
disposed-hold = held, nobody is told: { $reason }
disposed-resolve = it is over: { $reason }
hold-silent-phase = the rule only takes notes in this phase (silent-phase)
hold-suppressed = an open alert of `{ $by }` explains it (suppressed)
hold-exempt = the person is exempt (exempt)
hold-false-alarm = the same matter was closed as a false alarm and stays quiet until { $until } (false-alarm)
hold-shadow = the rule runs in the shadow: counted, never sent (shadow)
close-false-alarm = somebody checked it, and all was in order (false-alarm)
close-handled = somebody dealt with it (handled)
close-duplicate = it is another alert's matter (duplicate)
close-answered-late = what was waited for came after all (answered-late)
close-evidence-withdrawn = the records that it rested on no longer say so (evidence-withdrawn)
act-acknowledge = { $by } took it
act-review = { $by } looked into it
act-close = { $by } closed it: { $reason }
act-comment = { $by } wrote: { $text }
explain-record = { $record }: { $kind } of { $at }, taken in { $received }
explain-as-of = as of { $now }
explain-withdrawn = its sender took it back: no rule judges it
explain-found = found
explain-failed = failed
explain-waits = waits
explain-answered = answered
explain-stopped = stopped
explain-not-asked = not asked
explain-became = { $severity }, alert { $alert }: { $became }
explain-other-kinds = { $count ->
    [one] 1 rule does
   *[other] { $count } rules do
  } not run at records of this kind: { $rules }
explain-told = { $agency } was told
explain-told-title = { $agency } was told, with the title in place of the message: it may not see { $groups }
explain-not-its-role = { $agency } was not told: the rule asks { $asked }, and its role is { $roles }
explain-not-its-kabupaten = { $agency } was not told: it happened in { $kabupaten }, and it is responsible for { $own }
explain-not-told-held = { $agency } was not told, nor was anybody: { $reason }
explain-not-sent = { $agency } was not told: the finding joined an alert that had been sent to others before
explain-hidden = { $hidden } of { $lines } lines of evidence were left out: they rest on fields that it may not see
explain-row-refused = a row of it is in the files, but does not hold to the schema: { $fault }
explain-not-judged-yet = the record `{ $record }` was taken in, and is not judged yet
explain-not-judged-yet-help = let the daemon run: it judges what it took in
explain-unreadable = the record `{ $record }` does not hold to the pack's schema: { $reason }
explain-event = { $at }: { $what }
explain-event-often = { $at } to { $until }, { $count } times: { $what }
explain-alert-opened = found by `{ $rule }`, opened { $at }, { $status }
explain-alert-open = status { $status }
explain-alert-closed = closed { $at }: { $reason }
explain-alert-history = What happened
explain-alert-told = Who was told
explain-alert-acknowledged = Who took it
explain-alert-basis = Legal basis
explain-alert-evidence = Evidence ({ $findings ->
    [one] 1 finding
   *[other] { $findings } findings
  })
explain-evidence = value: { $value }
explain-evidence-bound = value: { $value }; bound: { $bound }
explain-alert-due = its deadline passed on { $due }
explain-alert-waited = its deadline passed on { $due }, and until then this had not come: `{ $unless }`
