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
sheet-open-quote = tanda petik di baris { $line } membuka sel yang tidak pernah ditutup
sheet-open-quote-help = tutup sel itu dengan tanda petik, atau hapus tanda petiknya, lalu kirim lagi
