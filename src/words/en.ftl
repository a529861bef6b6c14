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
