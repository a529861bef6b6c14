# What siaga says in English of packs and configurations. The same messages stand in id/pack.ftl.

## Around every diagnostic

weight-error = error
weight-warning = warning
help = help
called-here = called here
unknown = there is no { $thing } `{ $word }`
one-of = it is one of { $known }
one-of-or-declare = it is one of { $known }; a new one is declared in `{ $place }`
declare-in = declare it in `{ $place }`
did-you-mean-or-declare = did you mean `{ $word }`? a new one is declared in `{ $place }`

## What can be unknown

thing-agency = agency
thing-code = code
thing-citation = citation
thing-endpoint = endpoint
thing-field = field
thing-function = function
thing-group = group of fields
thing-kabupaten = kabupaten
thing-kind = record kind
thing-list = list
thing-occasion = occasion
thing-phase = phase
thing-role = role
thing-rule = rule
thing-severity = severity
thing-stage = stage
thing-status = status
thing-subject = subject kind
thing-threshold = threshold
thing-type = type

## Types

ty-any = what a helper yields
ty-bool = true or false
ty-int = a whole number
ty-key = a subject
ty-kind = a record kind
ty-list = a list
ty-number = a number
ty-phase = a phase
ty-span = a span of time
ty-table = a table
ty-text = a text
ty-time = a time
ty-word = a word
ty-working-days = a number of working days

## Where a type is wanted

role-after = `after`
role-area = `area`
role-at-least = `at_least`
role-deadline = a deadline
role-list-key = a list's key
role-message = a message
role-minus = `-`
role-once-per = `once_per`
role-span = a span of time
role-text-test = a test of texts
role-window = a window

## Files (SG001)

file-folder-help = name the folder of a rule pack, the one that holds `pack.toml`
file-list-missing = is declared in `pack.toml` and missing
file-missing = is missing
file-missing-help = copy one from `rules/pilkada-2024`
file-no-rules = the pack has no rules
file-no-rules-help = add a file `<area>/<id>.rhai`
file-not-utf8 = is not UTF-8 (at byte { $byte })
file-not-utf8-help = save it as UTF-8
file-too-large = is { $bytes } bytes, more than the { $most } that a pack file may have
file-unreadable = cannot be read: { $reason }

## Tables (SG002)

table-lacks-column = lacks a column
table-lacks-column-help = it needs the columns `issuer`, `passport_number`, `reason` and `until`
table-objection = { $words }
table-missing-key = missing field `{ $key }`
table-no-table = is not a table: { $reason }
table-quotes-help = write text between quotes, such as `store = "siaga.db"`
table-row-date = row { $row }: `{ $text }` is not a date
table-row-date-help = write it as YYYY-MM-DD, or leave it empty
table-threshold-help = every value lies between `min` and `max`, and is whole where `default` is
table-threshold-number = the default of `{ $name }` is a number: write it without quotes
table-threshold-range = `{ $name }` is set to { $value }, outside { $min } to { $max }
table-threshold-whole = `{ $name }` is set to { $value }, and its `default` is a whole number
table-time-zone = `{ $text }` is not a time zone
table-time-zone-help = use an IANA name, such as `Asia/Jakarta`
table-twice-help = it stands twice: put everything into one, and take the other out
table-type = { $expected } is due here, this is { $found }
table-unknown-key = unknown field `{ $key }`, expected one of { $known }

## What rhai does not parse (SG003)

syntax-and-or-not = write `&&` for and, `||` for or, `!` for not
syntax-closure = a closure has no place in a rule file
syntax-closure-help = write a helper with a loop: `fn name(list) {"{"} for x in list {"{"} ... {"}"} {"}"}`
syntax-disabled = `{ $word }` has no place in a rule file
syntax-disabled-help = a rule compares, counts and looks up; it loads, prints and runs nothing
syntax-double-quotes = texts stand in double quotes
syntax-equals = write `==` for equal to, `>=` for at least, `<=` for at most
syntax-expecting = expecting `{ $token }` { $why }
syntax-for-arguments = to separate the arguments to function call `{ $function }`
syntax-for-bracket = to match the opening
syntax-for-map-end = to end a map (`#{"{"} ... {"}"}`) that was begun before
syntax-for-list-end = to end a list (`[ ... ]`) that was begun before
syntax-for-list = to separate the entries of this list (`[ ... ]`)
syntax-for-map = to separate the entries of this map (`#{"{"} ... {"}"}`)
syntax-for-statement = to terminate this statement
syntax-if = a rule's expression has no `if`: put it into a helper above the rule, `fn name(x) {"{"} if ... {"}"}`
syntax-incomplete = script is incomplete
syntax-just-before = look for a comma, quote or bracket that is missing just before this place
syntax-left-out = `...` stands for something that was left out: write it
syntax-map = a map begins with `#{"{"}`
syntax-other = { $words }
syntax-open-text = open string is not terminated
syntax-reserved = `{ $word }` is a reserved keyword
syntax-straight-quotes = write straight quotes: `"`; a word processor may have changed them
syntax-too-deep = expression exceeds maximum complexity
syntax-twice = duplicated property for object map literal: { $key }
syntax-unexpected = unexpected `{ $word }`

## The form of a rule file (SG004)

shape-arguments = `rule` takes a text and a map
shape-else = something else than `fn` and `rule(...)`
shape-help = a rule file holds helpers (`fn ...`) and then one `rule("id", #{"{"} ... {"}"});`
shape-lines = has more than { $most } lines
shape-none = has no `rule(...)`
shape-second = a second `rule` in one file

## The keys of a rule (SG005)

key-all = a rule has { $known }
key-backticks = `${"{"}...{"}"}` is filled in between backticks only
key-backticks-help = write the message between backticks: `...`
key-each = `each` is `"record"`
key-empty-kinds = `{ $key }` is empty, so the rule never runs
key-id = the rule is `{ $id }` and its file `{ $file }.rhai`
key-id-help = a rule is named as its file
key-kinds = `{ $key }` is a list of record kinds
key-kinds-help = write `["lodging.check_in"]`; `siaga schema` lists the kinds
key-literal = `{ $key }` is a literal text
key-literal-help = write it out between quotes
key-missing = the rule has no `{ $key }`
key-missing-help = add `{ $key }: ...`
key-needs-deadline = `{ $key }` needs a `deadline`
key-notify-empty = `notify` is empty, so nobody is told
key-occasion-help = it is `case`, `phase`, `record` or a span such as `days(7)`
key-once-per = `once_per` is a constant span
key-says-nothing = `{ $key }` says nothing
key-says-nothing-help = people read it: say it in a sentence
key-severity-gap = `severity` leaves out a phase in which the rule runs
key-severity-gap-help = add `otherwise: "siaga-3"`
key-severity-help = it is `siaga-1`, `siaga-2`, `siaga-3` or `silent`
key-status-help = it is `stable`, `shadow` or `draft`
key-step = a step is a map
key-step-help = write `#{"{"} after: days(60), severity: "siaga-1", basis: [...] {"}"}`
key-step-needs = a step needs a constant `after` and a `severity`
key-step-unknown = a step has no `{ $key }`
key-steps = `steps` is a list of maps
key-texts = `{ $key }` is a list of texts
key-texts-help = write `["..."]`
key-twice = the rule `{ $id }` is also in `{ $file }`
key-unknown = a rule has no key `{ $key }`
key-values = `values` is a map from name to expression

## Fields and kinds (SG010)

field-kind-requires = `{ $kind }` requires `{ $fields }`, which the schema does not have
field-kind-requires-help = declare it as a `[[field]]` first
field-known = the schema has `{ $path }` already
field-known-help = leave it out, or give it another name
field-no-path = `{ $path }` is no path
field-no-path-help = write `section.name`, in lower case
field-of-value = a value has no field `{ $field }`
field-rename-help = give it another name
field-reserved = `{ $word }` is a word of the rule language
field-siblings = `{ $section }` has { $known }
field-stage = a stage has no `{ $end }`
field-stage-help = it has `starts` and `ends`
field-table = see the table of fields in the guide

## Functions (SG011)

function-arguments = `{ $name }` does not take these { $arguments } arguments
function-form = its form is `{ $form }`
function-guard = `guard` marks a whole conjunct of `when`, or all of `unless`
function-guard-help = put it around everything between two `&&`
function-name = `{ $name }` is not known here
function-name-help = a name is `record` or one of the rule's `values`
function-operator = `{ $name }` has no meaning in a rule
function-parameter = `{ $name }` is not a parameter of this helper
function-parameter-help = a helper reads only what it is given
function-question-dot = `?.` has no place here: a missing field is missing, and every comparison with it is false
function-question-dot-help = write `.`
function-record-method = a record has no methods
function-second-map = a second map of equal fields
function-table = `siaga guide` shows every function
function-too-many = one argument too many
function-unsupported = a rule's expression may not hold this
function-unsupported-help = use comparisons, `in`, `&&`, `||`, `!`, arithmetic and the functions of the guide; put statements into a helper

## Types that do not fit (SG012)

type-arithmetic = { $left } and { $right } do not go together here
type-arithmetic-help = write the number as `hours(n)`, `days(n)` or `working_days(n)`
type-bool-order = true and false have no order
type-bool-order-help = use `==` or `!=`
type-compare = { $left } cannot be compared with { $right }
type-compare-help = both sides of a comparison are of one type
type-condition = a condition is true or false, this is { $type }
type-condition-help = compare it with something
type-extreme = `{ $name }` takes numbers, times or spans of time, all of one type
type-field-literal = a field is a literal text here
type-field-literal-help = write it as `"lodging.id"`
type-has = `has` takes a field, `{ $expression }` is a part of a record
type-kind-literal = a record kind is a literal text
type-kind-literal-help = write it as `"lodging.check_in"`
type-match = this is { $type } and never equals it
type-match-help = match a field with a value of its own type
type-may-be-missing = `{ $expression }` may be missing, so it is not a condition by itself
type-may-be-missing-help = compare it: write `== true` or `== false`
type-never = it is never `{ $word }`
type-no-time = `{ $text }` is not a time
type-no-time-help = write it as `2024-11-24T00:00:00+07:00`
type-or = { $first } or { $second }
type-overlaps = `overlaps` counts values of a field
type-section = `{ $expression }` is a part of a record, not a value
type-section-help = name one of its fields
type-span-help = write the number as `hours(n)` or `days(n)`
type-stage = a stage is no value
type-stage-help = write `stage("...").starts` or `.ends`
type-takes = { $what } takes { $wanted }, this is { $type }
type-text-help = write a text, or put it into one: `${"{"}...{"}"}` between backticks
type-text-test = `{ $name }` is a test of texts, this is { $type }
type-time-help = add it to a time, such as `record.occurred_at`
type-time-literal-help = write the time as `time("2024-11-24T00:00:00+07:00")`

## Names (SG013)

name-column = `{ $file }` has no column `{ $column }`
name-column-help = its columns are { $known }
name-phase-no-stage = `{ $word }` is a phase, not a stage
name-rule-help = declare it in `the pack`
name-stage-end = the stage `{ $stage }` does not state `{ $end }`
name-stage-end-help = state it in `timeline.toml`

## What no rule decides on (SG014)

protected-declare = `{ $field }` says who somebody is, so it is protected
protected-declare-help = write `protected = true`: it may be shown, never decided on
protected-field = no rule may decide on `{ $field }`
protected-help = nationality, religion, ethnicity, sex, name and free text may be shown to an agency that may see them, never decided on; use what the person did, or what the permit allows
protected-label = protected
protected-list = no rule may decide on the key of `{ $list }`, which is protected
protected-list-help = exempt people are held by the program itself
protected-person = a person is matched with a person, not with a passport that is written out
protected-person-help = write `#{"{"} "person": record.person {"}"}`
protected-subject = a subject is only for matching, as in `#{"{"} "person": record.person {"}"}`
protected-subject-help = its key holds the passport's issuer and number, which no rule decides on or shows

## What an agency may not see (SG015)

sight-help = leave it out, or give each role its own message: `notify: #{"{"} kanim: ..., bawaslu: ... {"}"}`
sight-shown = the message to `{ $role }` shows `{ $group }`, which { $agencies } may not see

## Citations (SG016)

citation-none = no citation is in force on { $day }, in phase `{ $phase }`
citation-none-help = add the citation that holds then, or leave the phase out

## Tests (SG017)

test-due-count = a whole number is due here
test-due-severity = a severity is due here
test-due-severity-help = it is `siaga-1`, `siaga-2` or `siaga-3`
test-due-text = a text is due here
test-due-texts = a list of texts is due here
test-due-thresholds = a map from threshold to number is due here
test-due-time = a time is due here
test-due-time-help = write it as `"2024-11-24T00:00:00+07:00"`
test-fires-other = this rule cannot fire `{ $rule }`
test-fires-other-help = a rule is tested alone: `fires` lists `{ $rule }` once for each alert, or nothing
test-key = a test has no key `{ $key }`
test-keys = a test has { $known }
test-list = `tests` is a list of maps
test-literal = a test holds literal values only
test-literal-help = write the value out
test-map = a test is a map
test-map-help = write `#{"{"} name: "...", records: [ ... ], fires: [] {"}"}`
test-needs = a test needs a `name` and what `fires`
test-needs-help = `fires: []` says that nothing does
test-none-firing = the rule has no firing test
test-none-help = every rule shows one case that fires and one that does not, or is `status: "draft"`
test-none-silent = the rule has no silent test
test-quarantined = record { $record } of the test would be quarantined, `{ $pointer }`: { $reason }
test-quarantined-help = see `siaga schema`
test-record = a record is a map
test-records = `records` is a list of maps
test-threshold-number = `{ $name }` is set to something that is no number

## Helpers (SG018)

helper-call = a helper with statements cannot call `{ $name }`
helper-help = it takes plain numbers, texts and times; read records in the rule and pass what it needs
helper-parts = written out, the helpers of this rule have more than { $most } parts
helper-parts-help = each call is written out where it stands: call fewer, or name a result under `values`
helper-read = a helper with statements cannot read `{ $name }`
helper-recursion = `{ $name }` calls itself
helper-recursion-help = a helper of one expression cannot recurse

## The calendar (SG019)

calendar-backwards = phase `{ $phase }` ends before it begins
calendar-backwards-help = `until` is the last day, or the local minute at which it is over
calendar-date = `{ $text }` is not a date
calendar-date-help = write it as YYYY-MM-DD
calendar-empty = a calendar has no phases
calendar-gap = phase `{ $phase }` leaves a gap after the phase before it
calendar-instant = `{ $text }` is neither a date nor a local time
calendar-instant-help = write YYYY-MM-DD or YYYY-MM-DDTHH:MM
calendar-missing = has no phases for `{ $code }`
calendar-missing-help = add `[calendar."{ $code }"]` with its phases
calendar-order-help = phases of one kabupaten follow each other without gap or overlap
calendar-overlap = phase `{ $phase }` overlaps the phase before it

## Lints (SG030 and above)

lint-always = `{ $expression }` always holds
lint-always-constant = `{ $expression }` is always true
lint-always-help = leave it out, or look for a digit or sign that is wrong
lint-idle = the rule never runs in phase `{ $phase }`
lint-idle-help = add the phase to `phases`, or leave it out here
lint-idle-threshold = no rule that uses `{ $threshold }` runs in phase `{ $phase }`
lint-idle-threshold-help = leave the value out, or let a rule run in that phase
lint-implied = `{ $expression }` always holds where `{ $other }` does
lint-lapse = `{ $citation }` is in force until { $day } only, and the rule goes on
lint-lapse-help = add the citation that follows it, with `replaces = ["{ $citation }"]` in `legal.toml`
lint-lapse-successor-help = add `{ $citation }`, which takes its place
lint-negation = `{ $expression }` also holds where a field in it is missing
lint-negation-help = add `has(...)` for the field, or write the opposite comparison
lint-never = `{ $expression }` never holds
lint-never-constant = `{ $expression }` is never true
lint-never-help = the rule never fires; look for a digit, sign or word that is wrong
lint-never-together = `{ $expression }` and `{ $other }` never hold together
lint-subject = a `{ $kind }` does not name a { $subject }, so a rule about a { $subject } finds none
lint-subject-help = ask the record itself, or write a rule that is not `per: "{ $subject }"`
lint-to-write = `{ $key }` still says what is to be written there
lint-to-write-help = people read it: say it in a sentence
lint-unsent = no source sends `{ $kind }`
lint-unsent-help = add it to the `kinds` of the source that sends it, in `sources.toml`
lint-unused = no rule uses the threshold `{ $threshold }`
lint-unused-help = leave it out, or use it: `threshold("...")`
lint-unverified = nobody has verified any citation of this rule
lint-unverified-help = add a citation that is, or keep the rule in the shadow until one has been read in its source
lint-visa-free = a condition on `visa-free` alone is one on nationality
lint-visa-free-help = visa-free entry is a list of countries; add what the person did
lint-window = this looks { $window } days back, and records are kept for { $retention }
lint-window-help = shorten the window, or change `retention_days` in `pack.toml`

## The configuration

config-agency = the pack `{ $pack }` has no agency `{ $agency }`
config-agency-help = its agencies are in `agencies.toml`
config-both = `{ $what }` and `{ $what }_file` are both set
config-clock = `SIAGA_CLOCK` is `{ $word }`
config-connections = this limit is 1 to { $most } connections
config-coordinator = the coordinator `{ $coordinator }` has no address: nobody learns what only people can mend
config-coordinator-help = add a section `[agency.{ $coordinator }]` with `email` or `webhook`
config-empty = `{ $name }` is set and empty
config-empty-help = unset it, or give it a value
config-file-help = make the file, or mend its path: it starts at the folder of the configuration
config-from = { $message } (from `{ $variable }`)
config-line = line { $line }: { $message }
config-folder-no-source = this folder names no source, so no record is taken from it
config-folder-no-source-help = name its sources as in `sources.toml`, such as `sources = ["apoa"]`
config-folder-still = files wait 0 to { $most } seconds without changing
config-folder-twice = two folders are at the same place
config-folder-twice-help = give each a place of its own; `intake`, `done` and `rejected` are in it
config-listen = `{ $text }` is not an address with a port
config-listen-help = write `127.0.0.1:8460`, or `0.0.0.0:8460` behind a proxy that ends TLS
config-missing-help = name a configuration with `--config`; `fixtures/siaga.example.toml` is one to begin with
config-no-relay = there is no mail relay to send this by
config-one-of-two = an endpoint needs either `{ $what }` or `{ $what }_file`
config-plain-secret = `{ $what }` stands in the configuration itself
config-plain-secret-help = put it into a file of its own and name that as `{ $what }_file`
config-public-url = `public_url` is not an absolute http or https URL
config-public-url-help = write what people reach this daemon by, such as `https://siaga.contoh.example`
config-seconds = this limit is 1 to { $most } seconds
config-secret-unread = a value cannot be read; it is not repeated here
config-secret-unread-help = write secrets as text between quotes
config-section-help = add a section `[{ $section }]`
config-asked = rules ask { $count } agencies that have no address and are told nothing: { $agencies }
config-asked-help = add a section `[agency.ID]` with `email` or `webhook` for each

## What `siaga check` ends with

check-explain = { $codes }: `siaga explain { $first }` says what it is about
check-fails = { $pack }: { $errors } error(s), { $warnings } warning(s)
check-loads = { $pack }: { $rules } rules, { $thresholds } thresholds, { $agencies } agencies, { $citations } citations; { $warnings } warning(s)
refusal = { $code ->
   *[other] { $what }
  }
refusal-help = { $code ->
   *[other] { $help }
  }
