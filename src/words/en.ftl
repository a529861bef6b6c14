# What siaga says in English. The same messages with the same arguments stand in id.ftl.

## Diagnostics

did-you-mean = did you mean `{ $word }`?

## Replay against another pack

against-column-rule = rule
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

## The catalogue

doc-stale = `{ $path }` is not what the pack says now; help: run the same command without `--check`

## Tables that are refused whole

sheet-unreadable = the file cannot be read: { $reason }
sheet-unreadable-help = check that the file is still there and may be read, then send it again
sheet-open-quote = the quote mark in line { $line } opens a cell that is never closed
sheet-open-quote-help = close the cell with a quote mark, or take the quote mark out, and send the file again
