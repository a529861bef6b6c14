# Yang dikatakan siaga dalam bahasa Indonesia. Pesan yang sama dengan isian yang sama ada di en.ftl.

## Diagnosis

did-you-mean = apakah maksudnya `{ $word }`?
