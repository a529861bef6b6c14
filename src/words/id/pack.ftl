# Yang dikatakan siaga dalam bahasa Indonesia tentang paket dan konfigurasi. Pesan yang sama ada di en/pack.ftl.

## Di sekitar setiap diagnosis

weight-error = kesalahan
weight-warning = peringatan
help = saran
called-here = dipanggil di sini
unknown = tidak ada { $thing } `{ $word }`
one-of = pilihannya { $known }
one-of-or-declare = pilihannya { $known }; yang baru dinyatakan dalam `{ $place }`
declare-in = nyatakan dalam `{ $place }`
did-you-mean-or-declare = apakah maksudnya `{ $word }`? yang baru dinyatakan dalam `{ $place }`

## Yang bisa tidak dikenal

thing-agency = instansi
thing-code = kode
thing-citation = rujukan hukum
thing-endpoint = tujuan webhook
thing-field = isian
thing-function = fungsi
thing-group = kelompok isian
thing-kabupaten = kabupaten
thing-kind = jenis catatan
thing-list = daftar
thing-occasion = kejadian
thing-phase = fase
thing-role = peran
thing-rule = aturan
thing-severity = tingkat siaga
thing-stage = tahapan
thing-status = status
thing-subject = jenis subjek
thing-threshold = ambang
thing-type = tipe

## Tipe

ty-any = hasil fungsi bantu
ty-bool = benar atau salah
ty-int = bilangan bulat
ty-key = subjek
ty-kind = jenis catatan
ty-list = daftar
ty-number = bilangan
ty-phase = fase
ty-span = rentang waktu
ty-table = tabel
ty-text = teks
ty-time = waktu
ty-word = kata pilihan
ty-working-days = jumlah hari kerja

## Tempat yang meminta tipe

role-after = `after`
role-area = `area`
role-at-least = `at_least`
role-deadline = tenggat
role-list-key = kunci daftar
role-message = pesan
role-minus = `-`
role-once-per = `once_per`
role-span = rentang waktu
role-text-test = uji teks
role-window = jendela waktu

## Berkas (SG001)

file-folder-help = sebut folder paket aturan, yaitu yang memuat `pack.toml`
file-list-missing = dinyatakan dalam `pack.toml` tetapi tidak ada
file-missing = tidak ada
file-missing-help = salin dari `rules/pilkada-2024`
file-no-rules = paket ini tidak memuat aturan
file-no-rules-help = tambahkan berkas `<bidang>/<id>.rhai`
file-not-utf8 = bukan UTF-8 (pada bita { $byte })
file-not-utf8-help = simpan sebagai UTF-8
file-too-large = berukuran { $bytes } bita, lebih dari { $most } yang boleh untuk berkas paket
file-unreadable = tidak dapat dibaca: { $reason }

## Tabel (SG002)

table-lacks-column = kekurangan kolom
table-lacks-column-help = kolom yang perlu: `issuer`, `passport_number`, `reason` dan `until`
table-objection = tidak dapat dibaca di sini ({ $words })
table-missing-key = isian `{ $key }` belum ada
table-no-table = bukan tabel: { $reason }
table-quotes-help = tulis teks di antara tanda petik, misalnya `store = "siaga.db"`
table-row-date = baris { $row }: `{ $text }` bukan tanggal
table-row-date-help = tulis sebagai YYYY-MM-DD, atau kosongkan
table-threshold-help = setiap nilai terletak antara `min` dan `max`, dan bulat bila `default` bulat
table-threshold-number = bawaan `{ $name }` adalah angka: tulis tanpa tanda petik
table-threshold-range = `{ $name }` bernilai { $value }, di luar { $min } sampai { $max }
table-threshold-whole = `{ $name }` bernilai { $value }, padahal `default`-nya bilangan bulat
table-time-zone = `{ $text }` bukan zona waktu
table-time-zone-help = pakai nama IANA, misalnya `Asia/Jakarta`
table-twice-help = tertulis dua kali: gabungkan, lalu hapus salah satunya
table-type = di sini seharusnya { $expected }, ini { $found }
table-unknown-key = isian `{ $key }` tidak dikenal, pilihannya { $known }

## Yang tidak dapat diurai (SG003)

syntax-and-or-not = tulis `&&` untuk dan, `||` untuk atau, `!` untuk bukan
syntax-closure = penutup (closure) tidak boleh ada dalam berkas aturan
syntax-closure-help = tulis fungsi bantu dengan perulangan: `fn nama(daftar) {"{"} for x in daftar {"{"} ... {"}"} {"}"}`
syntax-disabled = `{ $word }` tidak boleh ada dalam berkas aturan
syntax-disabled-help = aturan membandingkan, menghitung dan mencari; ia tidak memuat, mencetak atau menjalankan apa pun
syntax-double-quotes = teks ditulis di antara tanda petik ganda
syntax-equals = tulis `==` untuk sama dengan, `>=` untuk paling sedikit, `<=` untuk paling banyak
syntax-expecting = `{ $token }` diharapkan { $why }
syntax-for-arguments = untuk memisahkan isian fungsi `{ $function }`
syntax-for-bracket = untuk menutup kurung pembukanya
syntax-for-map-end = untuk menutup peta (`#{"{"} ... {"}"}`) yang dibuka sebelumnya
syntax-for-list-end = untuk menutup daftar (`[ ... ]`) yang dibuka sebelumnya
syntax-for-list = untuk memisahkan butir daftar ini
syntax-for-map = untuk memisahkan butir peta ini
syntax-for-statement = untuk mengakhiri pernyataan ini
syntax-if = ungkapan aturan tidak mengenal `if`: tulis dalam fungsi bantu di atas aturan, `fn nama(x) {"{"} if ... {"}"}`
syntax-incomplete = berkas berhenti sebelum selesai
syntax-just-before = cari koma, tanda petik atau kurung yang kurang tepat sebelum tempat ini
syntax-left-out = `...` menandai sesuatu yang belum ditulis: tulislah
syntax-map = peta dimulai dengan `#{"{"}`
syntax-other = tidak dapat dibaca di sini ({ $words })
syntax-open-text = tanda petik teks ini tidak ditutup
syntax-reserved = `{ $word }` kata milik bahasa aturan
syntax-straight-quotes = pakai tanda petik lurus: `"`; pengolah kata mungkin mengubahnya
syntax-too-deep = ungkapan terlalu dalam bersusun
syntax-twice = kunci `{ $key }` tertulis dua kali dalam satu peta
syntax-unexpected = `{ $word }` tidak diharapkan di sini

## Bentuk berkas aturan (SG004)

shape-arguments = `rule` menerima satu teks dan satu peta
shape-else = sesuatu yang bukan `fn` atau `rule(...)`
shape-help = berkas aturan memuat fungsi bantu (`fn ...`), lalu satu `rule("id", #{"{"} ... {"}"});`
shape-lines = lebih dari { $most } baris
shape-none = tidak memuat `rule(...)`
shape-second = `rule` kedua dalam satu berkas

## Kunci aturan (SG005)

key-all = aturan mempunyai { $known }
key-backticks = `${"{"}...{"}"}` hanya diisi di antara tanda petik terbalik
key-backticks-help = tulis pesan di antara tanda petik terbalik: `...`
key-each = `each` ialah `"record"`
key-empty-kinds = `{ $key }` kosong, jadi aturan tidak pernah berjalan
key-id = aturannya `{ $id }`, berkasnya `{ $file }.rhai`
key-id-help = nama aturan sama dengan nama berkasnya
key-kinds = `{ $key }` ialah daftar jenis catatan
key-kinds-help = tulis `["lodging.check_in"]`; `siaga schema` memuat jenisnya
key-literal = `{ $key }` ialah teks yang ditulis langsung
key-literal-help = tulis langsung di antara tanda petik
key-missing = aturan ini tidak mempunyai `{ $key }`
key-missing-help = tambahkan `{ $key }: ...`
key-needs-deadline = `{ $key }` memerlukan `deadline`
key-notify-empty = `notify` kosong, jadi tidak ada yang diberi tahu
key-occasion-help = pilihannya `case`, `phase`, `record` atau rentang seperti `days(7)`
key-once-per = `once_per` ialah rentang yang tetap
key-says-nothing = `{ $key }` tidak mengatakan apa-apa
key-says-nothing-help = ini dibaca orang: katakan dalam satu kalimat
key-severity-gap = `severity` melewatkan fase tempat aturan ini berjalan
key-severity-gap-help = tambahkan `otherwise: "siaga-3"`
key-severity-help = pilihannya `siaga-1`, `siaga-2`, `siaga-3` atau `silent`
key-status-help = pilihannya `stable`, `shadow` atau `draft`
key-step = satu langkah ialah peta
key-step-help = tulis `#{"{"} after: days(60), severity: "siaga-1", basis: [...] {"}"}`
key-step-needs = satu langkah memerlukan `after` yang tetap dan `severity`
key-step-unknown = langkah tidak mempunyai `{ $key }`
key-steps = `steps` ialah daftar peta
key-texts = `{ $key }` ialah daftar teks
key-texts-help = tulis `["..."]`
key-twice = aturan `{ $id }` juga ada dalam `{ $file }`
key-unknown = aturan tidak mempunyai kunci `{ $key }`
key-values = `values` ialah peta dari nama ke ungkapan

## Isian dan jenis catatan (SG010)

field-kind-requires = `{ $kind }` meminta `{ $fields }`, yang tidak ada dalam skema
field-kind-requires-help = nyatakan dahulu sebagai `[[field]]`
field-known = skema sudah mempunyai `{ $path }`
field-known-help = hapus, atau beri nama lain
field-no-path = `{ $path }` bukan jalur isian
field-no-path-help = tulis `bagian.nama`, dengan huruf kecil
field-of-value = nilai tidak mempunyai isian `{ $field }`
field-rename-help = beri nama lain
field-reserved = `{ $word }` kata milik bahasa aturan
field-siblings = `{ $section }` mempunyai { $known }
field-stage = tahapan tidak mempunyai `{ $end }`
field-stage-help = yang ada `starts` dan `ends`
field-table = lihat tabel isian dalam panduan

## Fungsi (SG011)

function-arguments = `{ $name }` tidak menerima { $arguments } isian ini
function-form = bentuknya `{ $form }`
function-guard = `guard` menandai satu syarat utuh dalam `when`, atau seluruh `unless`
function-guard-help = tulis melingkupi semua di antara dua `&&`
function-name = `{ $name }` tidak dikenal di sini
function-name-help = nama ialah `record` atau salah satu `values` aturan ini
function-operator = `{ $name }` tidak bermakna dalam aturan
function-parameter = `{ $name }` bukan parameter fungsi bantu ini
function-parameter-help = fungsi bantu hanya membaca yang diberikan kepadanya
function-question-dot = `?.` tidak perlu: isian yang tidak ada tetap tidak ada, dan setiap perbandingan dengannya salah
function-question-dot-help = tulis `.`
function-record-method = catatan tidak mempunyai metode
function-second-map = peta isian kedua
function-table = `siaga guide` menampilkan semua fungsi
function-too-many = kelebihan satu isian
function-unsupported = ini tidak boleh ada dalam ungkapan aturan
function-unsupported-help = pakai perbandingan, `in`, `&&`, `||`, `!`, hitungan dan fungsi dalam panduan; pernyataan ditulis dalam fungsi bantu

## Tipe yang tidak cocok (SG012)

type-arithmetic = { $left } dan { $right } tidak dapat dihitung bersama
type-arithmetic-help = tulis bilangannya sebagai `hours(n)`, `days(n)` atau `working_days(n)`
type-bool-order = benar dan salah tidak mempunyai urutan
type-bool-order-help = pakai `==` atau `!=`
type-compare = { $left } tidak dapat dibandingkan dengan { $right }
type-compare-help = kedua sisi perbandingan bertipe sama
type-condition = syarat bernilai benar atau salah, ini { $type }
type-condition-help = bandingkan dengan sesuatu
type-extreme = `{ $name }` menerima bilangan, waktu atau rentang waktu, semuanya bertipe sama
type-field-literal = di sini isian ditulis sebagai teks langsung
type-field-literal-help = tulis sebagai `"lodging.id"`
type-has = `has` menerima isian, `{ $expression }` ialah bagian catatan
type-kind-literal = jenis catatan ditulis sebagai teks langsung
type-kind-literal-help = tulis sebagai `"lodging.check_in"`
type-match = ini { $type } dan tidak pernah sama dengannya
type-match-help = cocokkan isian dengan nilai yang bertipe sama
type-may-be-missing = `{ $expression }` bisa tidak ada, jadi belum menjadi syarat
type-may-be-missing-help = bandingkan: tulis `== true` atau `== false`
type-never = nilainya tidak pernah `{ $word }`
type-no-time = `{ $text }` bukan waktu
type-no-time-help = tulis sebagai `2024-11-24T00:00:00+07:00`
type-or = { $first } atau { $second }
type-overlaps = `overlaps` menghitung nilai satu isian
type-section = `{ $expression }` ialah bagian catatan, bukan nilai
type-section-help = sebut salah satu isiannya
type-span-help = tulis bilangannya sebagai `hours(n)` atau `days(n)`
type-stage = tahapan bukan nilai
type-stage-help = tulis `stage("...").starts` atau `.ends`
type-takes = { $what } menerima { $wanted }, ini { $type }
type-text-help = tulis teks, atau masukkan ke dalam teks: `${"{"}...{"}"}` di antara tanda petik terbalik
type-text-test = `{ $name }` menguji teks, ini { $type }
type-time-help = tambahkan pada waktu, misalnya `record.occurred_at`
type-time-literal-help = tulis waktunya sebagai `time("2024-11-24T00:00:00+07:00")`

## Nama (SG013)

name-column = `{ $file }` tidak mempunyai kolom `{ $column }`
name-column-help = kolomnya { $known }
name-phase-no-stage = `{ $word }` adalah fase, bukan tahapan
name-rule-help = tambahkan berkasnya dalam paket
name-stage-end = tahapan `{ $stage }` tidak menyatakan `{ $end }`
name-stage-end-help = nyatakan dalam `timeline.toml`

## Yang tidak boleh menentukan (SG014)

protected-declare = `{ $field }` menyatakan siapa seseorang, jadi harus dilindungi
protected-declare-help = tulis `protected = true`: boleh ditunjukkan, tidak pernah menentukan
protected-field = tidak ada aturan yang boleh memutuskan berdasarkan `{ $field }`
protected-help = kewarganegaraan, agama, suku, jenis kelamin, nama dan teks bebas boleh ditunjukkan kepada instansi yang berhak melihatnya, tidak pernah menjadi dasar keputusan; pakai apa yang dilakukan orang itu, atau apa yang diizinkan izin tinggalnya
protected-label = dilindungi
protected-list = tidak ada aturan yang boleh memutuskan berdasarkan kunci `{ $list }`, yang dilindungi
protected-list-help = orang yang dikecualikan ditahan oleh program sendiri
protected-person = orang dicocokkan dengan orang, bukan dengan paspor yang ditulis langsung
protected-person-help = tulis `#{"{"} "person": record.person {"}"}`
protected-subject = subjek hanya untuk mencocokkan, seperti `#{"{"} "person": record.person {"}"}`
protected-subject-help = kuncinya memuat penerbit dan nomor paspor, yang tidak boleh menentukan atau ditunjukkan aturan mana pun

## Yang tidak boleh dilihat instansi (SG015)

sight-help = hapus, atau beri setiap peran pesannya sendiri: `notify: #{"{"} kanim: ..., bawaslu: ... {"}"}`
sight-shown = pesan kepada `{ $role }` menunjukkan `{ $group }`, yang tidak boleh dilihat { $agencies }

## Rujukan hukum (SG016)

citation-none = tidak ada rujukan hukum yang berlaku pada { $day }, dalam fase `{ $phase }`
citation-none-help = tambahkan rujukan yang berlaku saat itu, atau hapus fasenya

## Uji (SG017)

test-due-count = di sini seharusnya bilangan bulat
test-due-severity = di sini seharusnya tingkat siaga
test-due-severity-help = pilihannya `siaga-1`, `siaga-2` atau `siaga-3`
test-due-text = di sini seharusnya teks
test-due-texts = di sini seharusnya daftar teks
test-due-thresholds = di sini seharusnya peta dari ambang ke bilangan
test-due-time = di sini seharusnya waktu
test-due-time-help = tulis sebagai `"2024-11-24T00:00:00+07:00"`
test-fires-other = aturan ini tidak dapat menyalakan `{ $rule }`
test-fires-other-help = aturan diuji sendiri: `fires` menyebut `{ $rule }` sekali untuk setiap peringatan, atau tidak sama sekali
test-key = uji tidak mempunyai kunci `{ $key }`
test-keys = uji mempunyai { $known }
test-list = `tests` ialah daftar peta
test-literal = uji hanya memuat nilai yang ditulis langsung
test-literal-help = tulis nilainya langsung
test-map = satu uji ialah peta
test-map-help = tulis `#{"{"} name: "...", records: [ ... ], fires: [] {"}"}`
test-needs = uji memerlukan `name` dan apa yang menyala (`fires`)
test-needs-help = `fires: []` berarti tidak ada yang menyala
test-none-firing = aturan ini tidak mempunyai uji yang menyala
test-none-help = setiap aturan menunjukkan satu kasus yang menyala dan satu yang diam, atau berstatus `status: "draft"`
test-none-silent = aturan ini tidak mempunyai uji yang diam
test-quarantined = catatan { $record } dalam uji ini akan dikarantina, `{ $pointer }`: { $reason }
test-quarantined-help = lihat `siaga schema`
test-record = satu catatan ialah peta
test-records = `records` ialah daftar peta
test-threshold-number = `{ $name }` diisi sesuatu yang bukan bilangan

## Fungsi bantu (SG018)

helper-call = fungsi bantu dengan pernyataan tidak dapat memanggil `{ $name }`
helper-help = ia menerima bilangan, teks dan waktu; baca catatan dalam aturan dan berikan yang diperlukannya
helper-parts = bila ditulis lengkap, fungsi bantu aturan ini lebih dari { $most } bagian
helper-parts-help = setiap panggilan ditulis lengkap di tempatnya: kurangi panggilan, atau beri nama hasilnya di bawah `values`
helper-read = fungsi bantu dengan pernyataan tidak dapat membaca `{ $name }`
helper-recursion = `{ $name }` memanggil dirinya sendiri
helper-recursion-help = fungsi bantu satu ungkapan tidak dapat memanggil dirinya

## Kalender (SG019)

calendar-backwards = fase `{ $phase }` berakhir sebelum dimulai
calendar-backwards-help = `until` ialah hari terakhir, atau menit setempat saat fase itu selesai
calendar-date = `{ $text }` bukan tanggal
calendar-date-help = tulis sebagai YYYY-MM-DD
calendar-empty = satu kalender tidak mempunyai fase
calendar-gap = fase `{ $phase }` meninggalkan celah sesudah fase sebelumnya
calendar-instant = `{ $text }` bukan tanggal dan bukan waktu setempat
calendar-instant-help = tulis YYYY-MM-DD atau YYYY-MM-DDTHH:MM
calendar-missing = tidak mempunyai fase untuk `{ $code }`
calendar-missing-help = tambahkan `[calendar."{ $code }"]` beserta fasenya
calendar-order-help = fase satu kabupaten berurutan tanpa celah dan tanpa tumpang tindih
calendar-overlap = fase `{ $phase }` tumpang tindih dengan fase sebelumnya

## Perhatian (SG030 dan seterusnya)

lint-always = `{ $expression }` selalu terpenuhi
lint-always-constant = `{ $expression }` selalu benar
lint-always-help = hapus, atau cari angka atau tanda yang keliru
lint-idle = aturan ini tidak pernah berjalan dalam fase `{ $phase }`
lint-idle-help = tambahkan fase itu pada `phases`, atau hapus di sini
lint-idle-threshold = tidak ada aturan pemakai `{ $threshold }` yang berjalan dalam fase `{ $phase }`
lint-idle-threshold-help = hapus nilainya, atau jalankan satu aturan dalam fase itu
lint-implied = `{ $expression }` selalu terpenuhi bila `{ $other }` terpenuhi
lint-lapse = `{ $citation }` hanya berlaku sampai { $day }, sedangkan aturan terus berjalan
lint-lapse-help = tambahkan rujukan penggantinya, dengan `replaces = ["{ $citation }"]` dalam `legal.toml`
lint-lapse-successor-help = tambahkan `{ $citation }`, yang menggantikannya
lint-negation = `{ $expression }` juga terpenuhi bila isian di dalamnya tidak ada
lint-negation-help = tambahkan `has(...)` untuk isian itu, atau tulis perbandingan kebalikannya
lint-never = `{ $expression }` tidak pernah terpenuhi
lint-never-constant = `{ $expression }` tidak pernah benar
lint-never-help = aturan tidak pernah menyala; cari angka, tanda atau kata yang keliru
lint-never-together = `{ $expression }` dan `{ $other }` tidak pernah terpenuhi bersama
lint-subject = `{ $kind }` tidak menyebut { $subject }, jadi aturan tentang { $subject } tidak menemukannya
lint-subject-help = tanyakan catatan itu sendiri, atau tulis aturan yang bukan `per: "{ $subject }"`
lint-to-write = `{ $key }` masih berisi apa yang harus ditulis di situ
lint-to-write-help = orang membacanya: tulis dalam satu kalimat
lint-unsent = tidak ada sumber yang mengirim `{ $kind }`
lint-unsent-help = tambahkan pada `kinds` sumber yang mengirimnya, dalam `sources.toml`
lint-unused = tidak ada aturan yang memakai ambang `{ $threshold }`
lint-unused-help = hapus, atau pakai: `threshold("...")`
lint-unverified = belum ada rujukan hukum aturan ini yang diverifikasi
lint-unverified-help = tambahkan rujukan yang sudah, atau biarkan aturan berstatus shadow sampai ada yang dibaca pada sumbernya
lint-visa-free = syarat `visa-free` saja berarti syarat kewarganegaraan
lint-visa-free-help = bebas visa ialah daftar negara; tambahkan apa yang dilakukan orang itu
lint-window = ini melihat { $window } hari ke belakang, sedangkan catatan disimpan { $retention } hari
lint-window-help = perpendek jendelanya, atau ubah `retention_days` dalam `pack.toml`

## Konfigurasi

config-agency = paket `{ $pack }` tidak mempunyai instansi `{ $agency }`
config-agency-help = instansinya ada dalam `agencies.toml`
config-both = `{ $what }` dan `{ $what }_file` keduanya diisi
config-clock = `SIAGA_CLOCK` berisi `{ $word }`
config-connections = batas ini 1 sampai { $most } sambungan
config-coordinator = koordinator `{ $coordinator }` tidak mempunyai alamat: tidak ada yang tahu hal yang hanya dapat dibereskan orang
config-coordinator-help = tambahkan bagian `[agency.{ $coordinator }]` dengan `email` atau `webhook`
config-empty = `{ $name }` diisi tetapi kosong
config-empty-help = hapus, atau beri nilai
config-file-help = buat berkasnya, atau perbaiki jalurnya: dihitung dari folder konfigurasi
config-from = { $message } (dari `{ $variable }`)
config-line = baris { $line }: { $message }
config-folder-no-source = folder ini tidak menyebut sumber, sehingga tidak ada catatan yang diterima darinya
config-folder-no-source-help = sebutkan sumbernya dari `sources.toml`, misalnya `sources = ["apoa"]`
config-folder-still = berkas menunggu 0 sampai { $most } detik tanpa berubah
config-folder-twice = dua folder memakai tempat yang sama
config-folder-twice-help = beri tiap folder tempatnya sendiri; di dalamnya ada `intake`, `done` dan `rejected`
config-listen = `{ $text }` bukan alamat dengan porta
config-listen-help = tulis `127.0.0.1:8460`, atau `0.0.0.0:8460` di belakang proksi yang mengakhiri TLS
config-missing-help = sebut konfigurasi dengan `--config`; `fixtures/siaga.example.toml` dapat dipakai sebagai awal
config-no-relay = tidak ada server surel untuk mengirim ini
config-one-of-two = tujuan webhook memerlukan `{ $what }` atau `{ $what }_file`
config-plain-secret = `{ $what }` tertulis dalam konfigurasi itu sendiri
config-plain-secret-help = simpan dalam berkas tersendiri dan sebut sebagai `{ $what }_file`
config-public-url = `public_url` bukan URL http atau https yang lengkap
config-public-url-help = tulis alamat yang dibuka orang, misalnya `https://siaga.contoh.example`
config-seconds = batas ini 1 sampai { $most } detik
config-secret-unread = satu nilai tidak dapat dibaca; isinya tidak diulang di sini
config-secret-unread-help = tulis rahasia sebagai teks di antara tanda petik
config-section-help = tambahkan bagian `[{ $section }]`
config-asked = aturan meminta { $count } instansi yang tidak mempunyai alamat dan tidak diberi tahu: { $agencies }
config-asked-help = tambahkan bagian `[agency.ID]` dengan `email` atau `webhook` untuk masing-masing

## Penutup `siaga check`

check-explain = { $codes }: `siaga explain { $first }` menjelaskan maksudnya
check-fails = { $pack }: { $errors } kesalahan, { $warnings } peringatan
check-loads = { $pack }: { $rules } aturan, { $thresholds } ambang, { $agencies } instansi, { $citations } rujukan hukum; { $warnings } peringatan
refusal = { $code ->
    [missing] wajib ada, tetapi tidak ditulis ({ $what })
    [type] jenis nilainya salah ({ $what })
    [choice] bukan salah satu pilihannya ({ $what })
    [range] angkanya di luar batas ({ $what })
    [date] bukan tanggal atau waktu yang dapat dibaca ({ $what })
    [kind] jenis catatan ini tidak dikenal ({ $what })
    [identity] bentuk nomor atau kodenya salah ({ $what })
    [nik] ini NIK, yang tidak boleh dikirim ({ $what })
    [nik-hash] bukan sidik NIK ({ $what })
    [photo] foto tidak boleh dikirim ({ $what })
    [mrz] MRZ paspornya tidak cocok ({ $what })
    [region] wilayah ini tidak dikenal ({ $what })
    [bps-code] ini kode BPS, bukan kode Kemendagri ({ $what })
    [future] waktunya terlalu jauh di depan ({ $what })
    [too-long] isinya terlalu panjang ({ $what })
   *[other] tidak dapat diterima ({ $what })
  }
refusal-help = { $code ->
    [missing] tambahkan isian itu; `siaga schema` menyebut yang wajib
    [date] tulis misalnya `2024-11-20T21:15:00+07:00`, atau tanggalnya saja
    [kind] `siaga schema` menyebut semua jenis catatan
    [region] tulis kode Kemendagri dengan titiknya, misalnya `16.01`
    [nik] ganti dengan sidiknya dari `siaga hash-nik`
   *[other] betulkan isian itu ({ $help })
  }
