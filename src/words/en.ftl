# What siaga says in English. The same messages with the same arguments stand in id.ftl.

## Diagnostics

did-you-mean = did you mean `{ $word }`?
