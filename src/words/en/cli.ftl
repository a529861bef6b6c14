
# What the command line says of itself in English. The same messages stand in id/cli.ftl.

cli-pack-in-force = warning: the pack in `{ $folder }` has errors; this works with the one in force, as the store keeps it
cli-pack-unusable = the rule pack of `{ $config }` cannot be used
cli-config-unusable = the configuration `{ $config }` cannot be used
cli-pack-errors = the pack `{ $pack }` has { $errors } error(s)
cli-pack-errors-help = mend them; `siaga check { $pack }` shows them again
test-scenario-mistakes = { $mistakes } mistake(s) in the scenario files: mend them, then run the tests again
guide-keys = Keys of a rule
guide-test-keys = Keys of a test
guide-functions = Functions and operators
guide-all = `siaga guide` shows all of them
thing-word = key or function
config-pack-beside = the built-in pack judges, although a pack lies in `{ $folder }`
config-pack-beside-help = to judge by that one, write `rules = "{ $folder }"`
listed = { $some }, { $one }
replay-not-told = not told: { $agencies }
replay-rows = { $rows } rows: { $accepted } accepted, { $duplicates } duplicates, { $quarantined } quarantined; { $failures } failed judgements; { $rate } rows/s
