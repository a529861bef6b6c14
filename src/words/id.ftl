# Yang dikatakan siaga dalam bahasa Indonesia. Pesan yang sama dengan isian yang sama ada di en.ftl.

## Diagnosis

did-you-mean = apakah maksudnya `{ $word }`?

## Replay dibandingkan dengan paket lain

against-column-rule = aturan
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

guide-seen = Apakah berkas subjek memuat catatan seperti ini: jenisnya, dalam jangka waktu ke belakang dari pemicu, dengan isian yang sama. Dalam `unless` yang dilihat adalah sesudah pemicu.
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
guide-key-per = Tentang siapa atau apa aturan ini: jenis subjek yang berkasnya dibaca.
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
guide-key-status = `stable`, `shadow` (menilai tetapi tidak mengirim) atau `draft` (diperiksa tetapi tidak menilai).
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

# berkas skenario: apa yang salah di dalamnya
scenario-toml = { $reason }
scenario-key = di sini tidak ada kunci `{ $key }`
scenario-keys = kuncinya { $known }
scenario-one-of = pilihannya { $known }
scenario-due-table = di sini harus ada tabel
scenario-due-list = di sini harus ada daftar
scenario-due-text = di sini harus ada teks
scenario-due-number = di sini harus ada angka
scenario-due-time = di sini harus ada waktu
scenario-due-time-help = tulis sebagai `2024-11-24T00:00:00+07:00`
scenario-no-title = skenario memerlukan `title`
scenario-no-steps = skenario memerlukan paling sedikit satu langkah
scenario-no-steps-help = tulis `[[step]]` dan di bawahnya apa yang terjadi
scenario-asserts-nothing = tidak ada langkah yang menyebut apa yang diharapkan
scenario-asserts-nothing-help = `expect = []` berarti langkah itu tidak menghasilkan apa-apa
scenario-step-does = satu langkah melakukan satu hal
scenario-step-does-help = isinya salah satu dari `records`, `advance_to`, `thresholds`, dan `act`
scenario-no-at = catatan dan `advance_to` mempunyai waktunya sendiri
scenario-no-at-help = hapus `at`: itu untuk kapan seseorang bertindak atau ambang diubah
scenario-past = waktu tidak berjalan mundur: skenario sudah sampai { $now }
scenario-no-field = tidak ada catatan yang mempunyai `{ $field }`
scenario-quarantined = catatan ini akan dikarantina: { $reason }
scenario-no-record = tidak ada catatan bernama `{ $record }` dalam skenario ini
scenario-no-threshold = tidak ada ambang `{ $threshold }`
scenario-range = `{ $threshold }` adalah { $min } sampai { $max } { $unit }
scenario-range-whole = `{ $threshold }` adalah bilangan bulat, { $min } sampai { $max } { $unit }
scenario-no-rule = tidak ada aturan `{ $rule }`
scenario-no-agency = tidak ada instansi `{ $agency }`
scenario-no-word = `{ $word }` tidak dikenal di sini
scenario-no-reason = `{ $reason }` bukan alasan untuk `{ $what }`
scenario-since-help = isinya `since` dan kapan siaga dibuka, seperti `since 2024-11-24T00:00:00+07:00`
scenario-expect-lacks = kejadian yang diharapkan memerlukan aturannya (`rule`) dan jadi apa (`what`)
scenario-expect-lacks-help = tulis { "{" } rule = "...", what = "open" { "}" }; `expect = []` berarti tidak terjadi apa-apa
scenario-act-lacks = tindakan memerlukan aturan siaganya (`rule`) dan apa yang dilakukan (`what`)
scenario-act-lacks-help = tulis { "{" } rule = "...", what = "acknowledge" { "}" }
scenario-act-reason = hanya `close` yang mempunyai alasan
scenario-close-lacks = menutup memerlukan `reason`
# berkas skenario: apa yang hasilnya lain
scenario-missing = diharapkan tetapi tidak terjadi: { $event }
scenario-unexpected = terjadi tetapi tidak diharapkan: { $event }
scenario-differs = { $event }: `{ $field }` adalah { $got }, seharusnya { $expected }
scenario-nobody = tidak seorang pun
scenario-nothing = tidak ada
scenario-failed = aturan `{ $rule }` tidak dapat dinilai: { $reason }
scenario-not-one = { $alerts ->
    [0] tindakan ini tidak menemukan siaga terbuka dari `{ $rule }`
   *[other] tindakan ini cocok dengan { $alerts } siaga terbuka dari `{ $rule }`: sebut satu dengan `record`-nya
  }
