# Tables that agencies send: profiles, rows, reports, templates.

## Tables that agencies send: why a file is refused whole

table-unknown-profile = there is no table profile `{ $profile }`
table-known-help = choose one of `{ $known }`
table-several = the table fits several profiles: `{ $profiles }`
table-several-help = name one of them with `--profile`
table-unknown = the headers are not recognised; "{ $profile }" comes closest, but these columns are missing: `{ $missing }`
table-poor = the table resembles "{ $profile }", but these columns are missing: `{ $missing }`; recognised: `{ $recognised }`
table-poor-help = add the column, or use the workbook from `siaga template`
table-slip-help = the header `{ $found }` is probably meant to be `{ $meant }`; correct it and send the file again
table-unset = the table does not state: `{ $fields }`
table-unset-help = state it once for the whole file, for instance `--set { $field }=...`
table-not-set = there is no field `{ $field }` to set
table-report-one = a row report is made for one table
table-report-one-help = name a single .csv or .xlsx file with `--report`
table-report-written = row report: { $path }
table-unused-columns = columns that are not used: { $columns }
table-row = row { $row }

## Tables that agencies send: what became of each row

row-accepted = accepted
row-duplicate = known already
row-quarantined = to be corrected
row-skipped = skipped
rows-sums = { $rows } rows: { $accepted } accepted, { $duplicates } known already, { $quarantined } to be corrected, { $skipped } skipped
rows-none = It reports nothing; where there is nothing to report, write one row: NIHIL and the date
skip-title = above the header
skip-header = the header
skip-empty = an empty row
skip-totals = a row of totals
skip-note = only one cell is filled in; if it is data, complete it and send it again

## Tables that agencies send: what is wrong in a cell

cell-help = correct the cell and send the file again
cell-guess = Suggestion: write "{ $guess }" if that is meant
cell-missing = it must be filled in and is empty
cell-formula = its formula failed; put the value in its place
cell-date = not a date that can be read; write for instance 25 September 2024
cell-date-none = there is no such day in the calendar; check its day and month, and write it as in 30/11/2024
cell-date-years = the year is not within { $first } to { $last }; check it
cell-date-months-first = there is no month beyond 12; day and month seem to be exchanged
cell-date-column-months-first = other dates of this column put the month first, so this one can be read in two ways
cell-date-turned = the spreadsheet program seems to have exchanged day and month of this date
cell-date-epoch = the year makes no sense; this day number seems to count from the other first day
cell-date-month = the name of the month is not recognised
cell-date-digits = these eight digits can be read in more than one way
cell-time = not a time that can be read; write for instance 21:15
cell-future = the date lies far ahead; check day, month and year
cell-country = the country is not recognised; write its name or its three-letter code
cell-passport = not a passport number; it has letters and digits only
cell-passport-zeros = shorter than the other numbers of this column; zeros in front seem to be lost. Look at the passport. If the number is that short, write it and (benar), as in 323456 (benar)
cell-passport-notation = the spreadsheet program has damaged this number; type it again from the passport, as text
cell-word = choose one of: { $words }
cell-bool = write ya or tidak
cell-number = not a number that can be read; write for instance 1.250,5
cell-visa = not a visa index; write for instance B1 or E23
cell-region = the region is not recognised; write its Kemendagri code with dots, or its full name
cell-region-bps = { $code } is the BPS code of { $name }; the BPS codes of OKU Timur and OKU Selatan are the other way round
cell-region-dots = the code has lost a dot or a zero; write it as text
cell-region-name = the name resembles { $name } and is not the same
cell-twice = row { $row } is about the same person or thing and says something else. If this row is right, delete row { $row }; if not, delete this one
cell-too-long = it is too long
cell-control = it holds characters that cannot be seen or are unusual; type it again
cell-nik = this is a NIK; NIKs must not be sent, put the hash from `siaga hash-nik` in its place
cell-nik-hash = not a hash of a NIK from `siaga hash-nik`: it has 64 letters and digits
cell-photo = it holds a picture; photographs must not be sent
cell-identity = its form is not right; check it
cell-kind = this kind of record is not known
cell-not-yours = this sender may not send records of that source
cell-other = it cannot be used as it is; check it

## The row report

report-nik = (NIK removed)
report-done = Done: no row has to be corrected. This file need not be sent again.
report-guide = How to correct it:
    1. On the sheet "Laporan baris", find the red rows whose status is "perlu diperbaiki". The cell at fault is yellow; the column "Alasan (siaga)" to the left says what is wrong.
    2. Type what is right into the yellow cell. Where the reason has a suggestion and it is right, write that. Do not guess: where in doubt, look at the passport or ask who wrote it down.
    3. Save, and send this file back the same way as the first. The columns Status and Alasan, the colours and the green rows may stay. Rows that were accepted are not recorded twice.

## Templates of tables

template-written = template "{ $name }": { $path }
template-unknown = there is no template for `{ $kind }`; there are:
template-several = there are several templates for `{ $kind }`; name one of them:
template-guide = Fill in the sheet "Isian", one row for one thing. Columns marked * have to be filled in. Click on a cell to see what belongs in it. Where there is nothing to report, fill in one row: NIHIL and the date.
template-column = Column
template-required = Required
template-about = What belongs in it
template-example = Example
template-choices = Choices
template-yes = yes

## Mistakes in mapping profiles

profile-visas-missing = it is missing, and a profile derives permits from it
profile-visas-unreadable = it cannot be read: { $reason }
profile-visas-help = it needs the columns `prefix`, `kind`, `may_work`, `may_report` and `days`
profile-no-field = records have no field `{ $field }`
profile-no-field-help = `siaga schema` lists the fields
profile-header-twice = `{ $header }` heads two columns
profile-header-twice-help = name it once; case, blanks and signs make no difference
profile-states-nothing = the column states no field
profile-states-nothing-help = add `field`, or make its form `ignored`
profile-field-twice = two columns state `{ $field }`
profile-field-twice-help = put all headers of a field in one column
profile-years = { $first } to { $last } is not a range of years
profile-years-help = write the first and the last, at most a hundred years
profile-no-words = the column names no list of words
profile-no-words-help = add `words`, one of { $known }
profile-identity = no column states `{ $field }`
profile-identity-help = name fields that columns state
profile-no-identity = the profile does not say what tells one row from another
profile-no-identity-help = name the fields in `identity`
thing-source = source
thing-list-of-words = list of words
thing-word-of-field = word of that field

## Hashes in place of NIKs

hash-nik-number = row { $row }: the NIK is a number, of which the program has lost the last digits; help: type it again as text
hash-nik-none = row { $row } has no NIK in its column; help: write sixteen digits, or leave the cell empty
hash-nik-no-column = no column is called `{ $column }`; help: name it as it stands in the table

## Folders under watch

thing-profile = profile of tables
folder-refused = This file is refused: { $reason }.
folder-refused-help = What can be done: { $help }.
folder-refused-rows = Before that, it was read: { $sums }. Rows that were accepted stay and are never recorded twice.
folder-refused-again = Once mended, put the file into the folder `intake` again.
folder-several-help = have whoever runs siaga name a `profile` for this folder in siaga.toml
folder-unset-help = add the column, or have whoever runs siaga set `{ $field }` for this folder in siaga.toml
folder-not-json = what is in it is not JSON that can be read ({ $reason })
folder-not-json-help = send one JSON record a line, or a table as .csv or .xlsx
