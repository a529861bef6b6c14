
# Yang dikatakan siaga dalam bahasa Indonesia tentang berkas skenario. Pesan yang sama ada di en/scenario.ftl.

## Apa yang salah di dalamnya

scenario-toml = { $reason }
scenario-key = di sini tidak ada kunci `{ $key }`
scenario-keys = kuncinya { $known }
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
scenario-quarantined = catatan ini akan dikarantina: { $reason }
scenario-no-record = tidak ada catatan bernama `{ $record }` dalam skenario ini
scenario-range = `{ $threshold }` adalah { $min } sampai { $max } { $unit }
scenario-range-whole = `{ $threshold }` adalah bilangan bulat, { $min } sampai { $max } { $unit }
scenario-no-word = `{ $word }` tidak dikenal di sini
scenario-no-reason = `{ $reason }` bukan alasan untuk `{ $what }`
scenario-since-help = isinya `since` dan kapan siaga dibuka, seperti `since 2024-11-24T00:00:00+07:00`
scenario-expect-lacks = kejadian yang diharapkan memerlukan aturannya (`rule`) dan jadi apa (`what`)
scenario-expect-lacks-help = tulis { "{" } rule = "...", what = "open" { "}" }; `expect = []` berarti tidak terjadi apa-apa
scenario-act-lacks = tindakan memerlukan aturan siaganya (`rule`) dan apa yang dilakukan (`what`)
scenario-act-lacks-help = tulis { "{" } rule = "...", what = "acknowledge" { "}" }
scenario-act-reason = hanya `close` yang mempunyai alasan
scenario-close-lacks = menutup memerlukan `reason`

## Apa yang hasilnya lain

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
