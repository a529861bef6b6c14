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

## Katalog

doc-stale = `{ $path }` tidak lagi sesuai dengan paketnya; help: jalankan perintah yang sama tanpa `--check`

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
