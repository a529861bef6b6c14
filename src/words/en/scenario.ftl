
# What siaga says in English of scenario files. The same messages stand in id/scenario.ftl.

## What is wrong with one

scenario-toml = { $reason }
scenario-key = there is no key `{ $key }` here
scenario-keys = the keys are { $known }
scenario-due-table = a table is due here
scenario-due-list = a list is due here
scenario-due-text = a text is due here
scenario-due-number = a number is due here
scenario-due-time = a time is due here
scenario-due-time-help = write it as `2024-11-24T00:00:00+07:00`
scenario-no-title = a scenario needs a `title`
scenario-no-steps = a scenario needs at least one step
scenario-no-steps-help = write `[[step]]` and below it what happens
scenario-asserts-nothing = no step says what to expect
scenario-asserts-nothing-help = `expect = []` says that nothing comes of a step
scenario-step-does = a step does one thing
scenario-step-does-help = it has one of `records`, `advance_to`, `thresholds` and `act`
scenario-no-at = records and `advance_to` have their own times
scenario-no-at-help = leave `at` out: it says when a person acts or a threshold is set
scenario-past = time does not run back: the scenario stands at { $now } already
scenario-quarantined = this record would be quarantined: { $reason }
scenario-no-record = no record of this scenario is called `{ $record }`
scenario-range = `{ $threshold }` is { $min } to { $max } { $unit }
scenario-range-whole = `{ $threshold }` is a whole number, { $min } to { $max } { $unit }
scenario-no-word = `{ $word }` is not known here
scenario-no-reason = `{ $reason }` is no reason of `{ $what }`
scenario-since-help = it is `since` and when the alert opened, as in `since 2024-11-24T00:00:00+07:00`
scenario-expect-lacks = an expected event needs its `rule` and `what` becomes of it
scenario-expect-lacks-help = write { "{" } rule = "...", what = "open" { "}" }; `expect = []` says that nothing happens
scenario-act-lacks = an act needs the `rule` of the alert and `what` the person does
scenario-act-lacks-help = write { "{" } rule = "...", what = "acknowledge" { "}" }
scenario-act-reason = only `close` has a reason
scenario-close-lacks = closing needs a `reason`

## What came out otherwise

scenario-missing = expected, and did not happen: { $event }
scenario-unexpected = happened, and is not expected: { $event }
scenario-differs = { $event }: `{ $field }` is { $got }, expected { $expected }
scenario-nobody = nobody
scenario-nothing = nothing
scenario-failed = rule `{ $rule }` could not be judged: { $reason }
scenario-not-one = { $alerts ->
    [0] the act finds no open alert of `{ $rule }`
   *[other] the act fits { $alerts } open alerts of `{ $rule }`: name one by its `record`
  }
