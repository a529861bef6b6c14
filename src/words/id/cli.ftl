
# Yang dikatakan baris perintah tentang dirinya. Pesan yang sama ada di en/cli.ftl.

cli-pack-in-force = peringatan: paket di `{ $folder }` bermasalah; yang dipakai ialah paket yang sedang berlaku, sebagaimana tersimpan
cli-pack-unusable = paket aturan dari `{ $config }` tidak dapat dipakai
cli-config-unusable = setelan `{ $config }` tidak dapat dipakai
cli-pack-errors = paket `{ $pack }` berisi { $errors } kesalahan
cli-pack-errors-help = perbaiki dahulu; `siaga check { $pack }` menampilkannya lagi
test-scenario-mistakes = { $mistakes } kesalahan dalam berkas skenario: perbaiki, lalu jalankan ujinya lagi
guide-keys = Kunci sebuah aturan
guide-test-keys = Kunci sebuah uji
guide-functions = Fungsi dan operator
guide-all = `siaga guide` menampilkan semuanya
thing-word = kunci atau fungsi
config-pack-beside = yang dipakai ialah paket bawaan, padahal ada paket di `{ $folder }`
config-pack-beside-help = agar paket itu yang dipakai, tulis `rules = "{ $folder }"`
listed = { $some }, { $one }
replay-not-told = tidak diberi tahu: { $agencies }
replay-rows = { $rows } baris: { $accepted } diterima, { $duplicates } sudah ada, { $quarantined } dikarantina; { $failures } penilaian gagal; { $rate } baris/detik
