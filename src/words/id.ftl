# Yang dikatakan siaga dalam bahasa Indonesia. Pesan yang sama dengan isian yang sama ada di en.ftl.

## Diagnosis

did-you-mean = apakah maksudnya `{ $word }`?

## Replay dibandingkan dengan paket lain

against-column-gained = bertambah
against-column-lost = hilang
against-column-changed = berubah
against-column-same = sama
against-nothing = kedua paket menghasilkan { $alerts } peringatan yang sama
against-gained = { $alerts } peringatan bertambah
against-lost = { $alerts } peringatan hilang
against-changed = { $alerts } peringatan berubah
against-more = dan { $alerts } lagi; `--examples` menampilkan lebih banyak
against-opens = dibuka { $after }, sebelumnya { $before }
against-severity = tingkat { $after }, sebelumnya { $before }
against-told-too = kini diberi tahu: { $agencies }
against-told-no-more = tidak lagi diberi tahu: { $agencies }
against-held = ditahan ({ $reason })
against-held-no-more = tidak lagi ditahan
against-told = diberi tahu: { $agencies }

## Apakah keputusannya sama untuk orang lain?

counterfactual-decisions = { $decisions } keputusan tentang orang-orang sebagaimana adanya; dengan orang lain di tempat mereka:
counterfactual-flips = { $exchanged } ditukar: { $flips ->
    [0] semua keputusan tetap sama
   *[other] { $flips } keputusan menjadi lain
  }
counterfactual-before = sebagaimana adanya: { $decisions }
counterfactual-after = ditukar: { $decisions }
counterfactual-nothing = tidak ada temuan
counterfactual-more = dan { $flips } lagi; `--format json` menampilkan semuanya
trait-nationality = kewarganegaraan
trait-issuer = penerbit paspor
trait-sex = jenis kelamin
trait-name = nama
trait-all = semuanya sekaligus

## Apakah peringatan lebih banyak mengenai kewarganegaraan tertentu

disparity-heading = { $people } orang dalam laporan, { $alerted } di antaranya dengan peringatan yang diberitahukan ({ $share })
disparity-nationality = kewarganegaraan
disparity-people = orang
disparity-with-alert = dengan peringatan
disparity-alerts = peringatan
disparity-share = bagian
disparity-chance = dibanding keseluruhan
disparity-hidden = disembunyikan
disparity-within-chance = masih wajar karena kebetulan ({ $from } s.d. { $to })
disparity-above-chance = LEBIH dari kebetulan ({ $from } s.d. { $to })
disparity-below-chance = kurang dari kebetulan ({ $from } s.d. { $to })
disparity-elsewhere = { $alerts } peringatan lain menyangkut penginapan, penjamin, kegiatan atau sumber data
disparity-note = jumlah di bawah { $least } disembunyikan, juga yang dapat dihitung dari selisih; dari 20 kewarganegaraan, satu dapat melampaui batas karena kebetulan

## Membuat aturan

new-rule = { $path } sudah dibuat: lolos pemeriksaan dan uji
    berikutnya: ganti setiap `TULIS:`, lalu
      siaga check { $pack }
      siaga test { $pack }
      siaga replay --rules { $pack } --records BERKAS
    aturan ini dinilai dan dihitung tanpa dikirim sampai `status` dihapus

## Paket aturan di tempat yang berjalan

pack-refused-title = Paket aturan di disk ditolak
pack-refused = Paket aturan yang terakhir disimpan tidak dapat dipakai ({ $errors } kesalahan). Aturan yang berlaku sebelumnya tetap menilai; tidak ada aturan yang hilang.
    Kesalahan pertama: { $reason }
pack-refused-action = Minta penyusun aturan menjalankan `siaga check` pada paket itu, memperbaikinya, lalu menyimpannya lagi. Siaga memuatnya sendiri.
rule-stopped-title = Aturan { $rule } dihentikan
rule-stopped = Aturan "{ $title }" gagal dinilai berkali-kali berturut-turut, dan tidak menilai lagi sampai paket aturan diubah. Aturan lain tetap menilai.
rule-stopped-action = Minta penyusun aturan melihat sebabnya di `GET /v1/rules`, memperbaikinya, lalu menyimpan paket.

## Katalog

doc-stale = `{ $path }` tidak lagi sesuai dengan paketnya; help: jalankan perintah yang sama tanpa `--check`

## Kata-kata bahasa aturan

guide-seen = Apakah berkas subjek memuat catatan seperti ini: jenisnya, dalam jangka waktu ke belakang dari pemicu, dengan isian yang sama. Dalam `unless` yang dilihat adalah sesudah pemicu; dengan jangka waktu, juga sekian lama sebelumnya.
guide-count = Berapa catatan seperti ini dalam berkas subjek.
guide-first = Catatan seperti ini yang paling awal; isiannya ditulis sesudah titik.
guide-last = Catatan seperti ini yang paling akhir; isiannya ditulis sesudah titik.
guide-distinct = Berapa nilai berbeda dari satu isian (atau berapa subjek) dalam catatan seperti ini.
guide-overlaps = Berapa nilai berbeda dari satu isian dalam masa menginap yang bertumpuk dengan milik pemicu paling sedikit selama itu.
guide-median-count = Kebiasaan subjek itu sendiri: median jumlah catatannya dalam jangka sepanjang ini, selama waktu yang lebih panjang.
guide-usual-gap = Jeda yang biasa di antara catatan subjek; kosong selama catatannya masih sedikit.
guide-in-force = Apakah catatan seperti ini berlaku pada waktu pemicu.
guide-permit = Izin tinggal yang berlaku pada waktu pemicu; isiannya ditulis sesudah titik.
guide-phase = Fase saat catatan terjadi, di tempatnya.
guide-phase-now = Fase saat ini; untuk tenggat: saat tenggat itu jatuh.
guide-days-to-voting = Berapa hari dari catatan sampai hari pemungutan suara berikutnya di tempatnya; negatif sesudah yang terakhir.
guide-is-voting-day = Apakah ada pemungutan suara pada waktu dan di tempat catatan terjadi.
guide-stage = Saat pertama atau terakhir suatu tahapan.
guide-threshold = Angka yang boleh disetel, menurut fase dan kabupaten catatan.
guide-listed = Apakah daftar rujukan paket memuat kunci ini.
guide-days = Sekian kali 24 jam.
guide-hours = Sekian jam.
guide-minutes = Sekian menit.
guide-working-days = Sekian hari kerja menurut hari libur paket, pada jam yang sama.
guide-time = Satu saat, ditulis lengkap dengan selisih zonanya.
guide-min = Yang terkecil di antara angka, waktu atau jangka waktu.
guide-max = Yang terbesar di antara angka, waktu atau jangka waktu.
guide-has = Apakah isian tercatat. Perbandingan dengan isian kosong selalu salah, juga `!=`.
guide-starts-with = Apakah teks diawali teks lain.
guide-ends-with = Apakah teks diakhiri teks lain.
guide-contains = Apakah teks memuat teks lain.
guide-in = Apakah nilai ada di antara isi daftar.
guide-guard = Menandai syarat yang tidak harus diperlihatkan benar dan salah oleh uji: ia ada demi kehati-hatian.
guide-key-title = Nama peringatan, beberapa kata.
guide-key-flags = Apa yang ditandai aturan, satu kalimat.
guide-key-why = Mengapa aturan ini ada.
guide-key-action = Apa yang perlu dilakukan petugas.
guide-key-false-positives = Kapan aturan ini diketahui keliru.
guide-key-severity = Seberapa mendesak: satu tingkat, atau peta dari fase ke tingkat dengan `otherwise`.
guide-key-notify = Siapa yang diberi tahu: peran, atau peta dari peran ke pesannya sendiri.
guide-key-basis = Kutipan hukum yang menjadi dasar; pada setiap hari aturan berjalan salah satunya harus berlaku.
guide-key-per = Tentang siapa atau apa aturan ini, yang berkasnya dibaca: `person`, `nik`, `lodging`, `sponsor`, `event`, `source` atau `record`.
guide-key-on = Jenis catatan yang memicu aturan.
guide-key-phases = Fase tempat aturan menilai; bila tidak ditulis, semuanya.
guide-key-values = Nilai bernama yang dipakai bersama oleh `when`, pesan dan bukti.
guide-key-when = Syaratnya: semua bagian yang digabung dengan `&&` harus terpenuhi.
guide-key-deadline = Kapan jatuh tempo, untuk "ada X, dan belum ada Y sampai saat itu": pemicu hanya memasangnya.
guide-key-unless = Apa yang akan menjawab tenggat itu.
guide-key-each = `"record"`: setiap pemicu mempunyai tenggat sendiri.
guide-key-steps = Langkah berikutnya dari peringatan yang sama, masing-masing dengan tingkatnya.
guide-key-once-per = Seberapa sering satu perkara menjadi peringatan: `case`, `phase`, `record`, atau jangka waktu.
guide-key-area = Kabupaten tempat temuan, bila bukan milik pemicu.
guide-key-message = Yang disampaikan kepada instansi; `$` dengan kurung kurawal mengisikan nilai.
guide-key-status = `stable`, `shadow` (menilai tetapi tidak mengirim; ujinya menunjukkan apa yang akan dikirim) atau `draft` (diperiksa tetapi tidak menilai).
guide-key-suppresses = Aturan yang temuannya tentang subjek yang sama ditahan selama peringatan aturan ini terbuka.
guide-key-tests = Uji milik aturan ini: catatan, dan apa yang harus terjadi. Satu harus memicu, satu harus senyap.

## Di editor

editor-record = Catatan yang memicu aturan.
editor-parameter = Yang diberikan kepada fungsi bantu ini.
editor-value = Nilai yang diberi nama oleh aturan dalam `values`.
editor-helper = Fungsi bantu: ungkapan yang diberi nama, atau pernyataan atas angka, teks dan waktu.
editor-rule = Aturan: satu untuk tiap berkas, bernama sama dengan berkasnya.
editor-section = Bagian dari catatan.
editor-or = atau
editor-type-bool = benar atau salah
editor-type-int = bilangan bulat
editor-type-number = bilangan
editor-type-text = teks
editor-type-time = waktu
editor-type-word = salah satu dari { $words }
editor-group = terlihat oleh instansi yang boleh melihat `{ $group }`
editor-protected = dilindungi: pesan boleh menampilkannya, syarat tidak boleh membacanya
editor-kind = harus menyebut { $fields }
editor-kind-bare = tidak harus menyebut apa pun selain amplopnya
editor-envelope-kind = Jenis catatan.
editor-envelope-source = Pengirimnya.
editor-envelope-id = Kodenya, unik dalam satu sumber.
editor-envelope-occurred-at = Kapan terjadinya.
editor-threshold = { $value } { $unit }, antara { $min } dan { $max }
editor-days = dari { $from } hingga { $until }
editor-days-from = sejak { $from }
editor-stage-starts = saat pertama
editor-stage-ends = saat terakhir
editor-unverified = belum dibaca di sumber yang disebut
editor-in-force = berlaku { $from } s.d. { $until }
editor-in-force-from = berlaku sejak { $from }
editor-role-of-nobody = tidak ada instansi dengan peran ini
editor-agency = peran: { $roles }; kabupaten: { $kabupaten }; boleh melihat: { $groups }
editor-list = { $keys } kunci
editor-list-protected = kuncinya dilindungi: syarat tidak boleh menanyakannya
editor-subject-person = Pelintas, menurut paspor.
editor-subject-nik = Penduduk, menurut sidik berkunci dari NIK.
editor-subject-lodging = Penginapan, menurut kodenya.
editor-subject-sponsor = Penjamin atau pemberi kerja, menurut kodenya.
editor-subject-event = Kegiatan kampanye atau lainnya, menurut kodenya.
editor-subject-source = Pengirim catatan.
editor-subject-record = Catatan itu sendiri.
editor-siaga-1 = tindak sekarang
editor-siaga-2 = hari kerja ini atau berikutnya
editor-siaga-3 = dalam ringkasan
editor-silent = dicatat, tidak ada yang diberi tahu
editor-status-stable = Menilai dan memberi peringatan.
editor-status-shadow = Menilai dan dihitung; tidak ada yang dikirim.
editor-status-draft = Diperiksa dan tidak menilai.
editor-once-per-case = Sampai peringatannya ditutup.
editor-once-per-phase = Sekali dalam tiap fase.
editor-once-per-record = Untuk tiap catatan.
editor-otherwise = Tingkat dalam semua fase yang tidak disebut.
editor-test-name = Apa yang diperlihatkan uji ini.
editor-test-records = Catatan yang masuk, berurutan.
editor-test-advance-to = Waktu berjalan sampai di sini sesudah catatan terakhir.
editor-test-thresholds = Ambang yang disetel untuk uji ini.
editor-test-fires = Kode aturan, sekali untuk tiap peringatan yang dibuka; kosong bila tidak boleh ada apa pun.
editor-test-severity = Tingkat peringatan yang terakhir.
editor-test-told = Instansi yang diberi tahu.
editor-test-resolved = Berapa peringatan yang selesai sendiri.
editor-step-after = Berapa lama sesudah tenggat.
editor-step-severity = Tingkat langkah ini.
editor-step-basis = Kutipan hukum di samping milik aturan.
editor-run-test = Jalankan uji ini
editor-run-tests = Jalankan semua uji aturan ini
editor-tests-passed = { $rule }: { $tests } uji berhasil
editor-tests-failed = { $rule }: { $failed } dari { $tests } uji gagal
editor-no-tests = { $rule }: uji itu tidak ada
editor-pack-is-broken = paket memuat kesalahan: perbaiki dahulu sebelum ujinya dapat dijalankan
editor-replace = Ganti dengan `{ $word }`

## Mengapa aturan menemukan sesuatu pada sebuah catatan, atau tidak

trace-held = semua syarat terpenuhi
trace-other-kind = aturan ini tidak menilai jenis catatan ini
trace-draft = aturan ini masih rancangan dan tidak menilai apa pun
trace-no-subject = catatan ini tidak menyebut hal yang dinilai aturan ini
trace-outside-area = terjadi di { $kabupaten }, di luar wilayah paket ini
trace-not-in-phase = aturan ini tidak berjalan pada tahapan `{ $phase }`
trace-failed = tidak dapat dinilai: { $fault }
trace-never-due = sebagian tenggatnya tidak disebut, sehingga tidak pernah jatuh tempo
trace-waits = tenggatnya menunggu sampai { $until }
trace-taken-over = tenggatnya diambil alih catatan yang lebih baru
trace-answered = tenggatnya { $due }; yang ditunggu kini sudah ada
clause-holds = `{ $condition }` terpenuhi
clause-holds-bound = `{ $condition }` terpenuhi: nilainya { $value }, syaratnya { $bound }
clause-not-held = `{ $condition }` tidak terpenuhi
clause-not-held-bound = `{ $condition }` tidak terpenuhi: nilainya { $value }, syaratnya { $bound }
clause-missing = `{ $condition }` tidak terpenuhi: yang dibacanya tidak disebut
clause-failed = `{ $condition }` tidak dapat ditentukan: { $fault }

## Uji aturan

trial-quarantined = catatan { $record } dalam uji ini akan dikarantina: { $faults }
trial-repeats = catatan { $record } dalam uji ini mengulang catatan lain
trial-fires = { $expected ->
    [0] seharusnya tidak ada peringatan dibuka
   *[other] seharusnya { $expected } peringatan dibuka
  }, { $happened ->
    [0] ternyata tidak ada
   *[other] ternyata { $happened }
  }
trial-severity = peringatan terakhir seharusnya { $expected }, ternyata { $happened }
trial-severity-without-alert = peringatan terakhir seharusnya { $expected }, ternyata tidak ada
trial-told = seharusnya diberi tahu: { $expected }; yang diberi tahu: { $happened }
trial-resolved = seharusnya selesai: { $expected }; yang selesai: { $happened }
trial-failed = aturan tidak dapat dinilai: { $reason }
trial-nothing-judged = tidak ada yang dinilai: tidak ada catatan yang jenisnya dinilai aturan ini, atau tidak ada tenggat yang tiba
trial-joined = yang ditemukan bergabung dengan peringatan yang masih terbuka
trial-more = dan { $records } lagi
trial-place = ditemukan pada tahapan `{ $phase }`, kabupaten { $kabupaten }
trial-at = { $record }, { $at }: { $why }
test-passed = { $passed } lulus, { $failed } gagal
coverage-heading = { $rule } ({ $file })
coverage-conjunct = terpenuhi { $held } kali, tidak terpenuhi { $not } kali
coverage-unless = terjawab { $held } kali, tidak terjawab { $not } kali
coverage-guard = penjaga
coverage-phases = tahapan: { $phases }
coverage-phase = { $phase } ({ $found } temuan dari { $judged })
coverage-phase-never = { $phase } (belum pernah dinilai)
coverage-summary = { $covered } dari { $all } syarat pernah terpenuhi dan pernah tidak
test-watching = mengawasi { $folder }; Ctrl-C mengakhiri

## Tabel yang ditolak seluruhnya

sheet-unreadable = berkas tidak dapat dibaca: { $reason }
sheet-unreadable-help = pastikan berkas masih ada dan boleh dibaca, lalu kirim lagi
sheet-empty = berkas ini tidak berisi apa-apa
sheet-empty-help = pastikan berkasnya benar dan sudah disimpan setelah diisi
sheet-too-large = berkas lebih besar dari { $most } MB
sheet-split-help = kirim dalam beberapa bagian, misalnya satu berkas untuk setiap bulan
sheet-image = berkas ini gambar, bukan tabel
sheet-pdf = berkas ini PDF, bukan tabel
sheet-document = berkas ini dokumen, bukan tabel
sheet-type-in-help = kirim tabelnya sendiri, disimpan sebagai .xlsx atau .csv; kalau tidak ada, ketik ke dalam templat
sheet-web-page = berkas ini halaman web, walaupun namanya lain
sheet-archive = berkas ini berisi berkas lain yang dikemas
sheet-archive-help = buka kemasannya, lalu kirim tabelnya sendiri
sheet-binary = berkas ini bukan teks dan bukan buku kerja
sheet-other-workbook = berkas ini buku kerja { $ending }, yang tidak dibaca di sini
sheet-save-help = buka di Excel atau LibreOffice, pilih "Simpan Sebagai" (Save As), lalu simpan sebagai .xlsx (Buku Kerja Excel)
sheet-macros = buku kerja ini berisi makro, jadi tidak dibuka
sheet-password = buku kerja ini hanya terbuka dengan kata sandi
sheet-password-help = buka berkasnya, hapus kata sandinya (File, Info, Proteksi Buku Kerja), simpan, lalu kirim lagi
sheet-damaged = buku kerja ini rusak, atau terpotong saat dikirim
sheet-damaged-help = buka di Excel atau LibreOffice; kalau terbuka, simpan sebagai .xlsx baru lalu kirim yang baru itu; kalau tidak, kirim ulang aslinya
sheet-unpacks-too-large = setelah dibuka, buku kerja ini menjadi { $mb } MB, jauh lebih besar dari yang diperlukan tabelnya
sheet-too-many-parts = buku kerja ini terdiri atas lebih dari { $most } bagian
sheet-entities = buku kerja ini berisi sesuatu yang tidak pernah ditulis program lembar kerja
sheet-too-many-formats = buku kerja ini punya lebih dari { $most } format dan nama
sheet-copy-help = salin tabelnya sebagai nilai ke buku kerja baru, simpan sebagai .xlsx, lalu kirim yang baru itu
sheet-too-many-cells = buku kerja ini punya lebih dari { $most } sel
sheet-too-many-rows = tabel ini punya lebih dari { $most } baris
sheet-too-much-text = teks di buku kerja ini lebih banyak dari yang dapat diterima sekaligus
sheet-too-many-columns = baris { $row } punya lebih dari { $most } kolom
sheet-too-many-columns-help = hapus kolom yang bukan bagian tabel, dan periksa tanda pemisah antarsel
sheet-long-cell = sel { $cell } lebih panjang dari yang dapat ditampung program lembar kerja
sheet-long-row = teks di baris { $row } lebih banyak dari yang diterima untuk satu baris
sheet-long-cell-help = pendekkan isinya, atau periksa apakah ada baris yang tersimpan tanpa akhir baris
sheet-open-quote = tanda petik di baris { $line } membuka sel dan tidak menutupnya di akhir sel
sheet-open-quote-help = hapus tanda petik itu, atau beri tanda petik juga di akhir sel, lalu kirim lagi
sheet-no-such-sheet = buku kerja ini tidak punya lembar `{ $wanted }`; yang ada `{ $there }`
sheet-no-such-sheet-help = beri lembar yang berisi tabel nama seperti yang diminta
sheet-unknown-error = di baris { $row } atau baris sesudahnya, sebuah rumus gagal dengan `{ $error }`
sheet-unknown-error-help = ganti rumus itu dengan nilainya
