# Tabel yang dikirim instansi: profil, baris, laporan, templat.

## Tabel yang dikirim instansi: mengapa seluruh berkas ditolak

table-unknown-profile = tidak ada profil tabel `{ $profile }`
table-known-help = pilih salah satu: `{ $known }`
table-several = tabel ini cocok dengan beberapa profil: `{ $profiles }`
table-several-help = sebutkan salah satu dengan `--profile`
table-unknown = judul kolom tidak dikenali; yang paling mendekati ialah "{ $profile }", tetapi kolom ini tidak ada: `{ $missing }`
table-poor = tabel ini mirip "{ $profile }", tetapi kolom ini tidak ada: `{ $missing }`; yang dikenali: `{ $recognised }`
table-poor-help = tambahkan kolom itu, atau pakai templat dari `siaga template`
table-slip-help = barangkali judul `{ $found }` seharusnya `{ $meant }`; betulkan lalu kirim lagi
table-unset = tabel ini tidak menyebut: `{ $fields }`
table-unset-help = sebutkan sekali untuk seluruh berkas, misalnya `--set { $field }=...`
table-not-set = tidak ada isian `{ $field }` yang dapat disetel
table-report-one = laporan baris dibuat untuk satu tabel
table-report-one-help = sebutkan satu berkas .csv atau .xlsx saja bersama `--report`
table-report-written = laporan baris: { $path }
table-unused-columns = kolom yang tidak dipakai: { $columns }
table-row = baris { $row }

## Tabel yang dikirim instansi: apa jadinya tiap baris

row-accepted = diterima
row-duplicate = sudah ada
row-quarantined = perlu diperbaiki
row-skipped = dilewati
rows-sums = { $rows } baris: { $accepted } diterima, { $duplicates } sudah ada, { $quarantined } perlu diperbaiki, { $skipped } dilewati
rows-none = Tidak ada yang dilaporkan di dalamnya; bila memang nihil, tulis satu baris: NIHIL dan tanggalnya
skip-title = di atas judul kolom
skip-header = judul kolom
skip-empty = baris kosong
skip-totals = baris jumlah
skip-note = hanya satu sel yang terisi; bila ini data, lengkapi lalu kirim lagi

## Tabel yang dikirim instansi: apa yang salah di sebuah sel

cell-help = betulkan selnya lalu kirim lagi
cell-guess = Usul: tulis "{ $guess }" bila itu yang dimaksud
cell-missing = wajib diisi tetapi kosong
cell-formula = rumusnya gagal; ganti dengan nilainya
cell-date = bukan tanggal yang dapat dibaca; tulis misalnya 25 September 2024
cell-date-none = tanggal ini tidak ada dalam kalender; periksa hari dan bulannya, lalu tulis misalnya 30/11/2024
cell-date-years = tahunnya di luar { $first } sampai { $last }; periksa lagi
cell-date-months-first = tidak ada bulan ke-13 ke atas; tampaknya hari dan bulan tertukar
cell-date-column-months-first = tanggal lain di kolom ini menulis bulan lebih dulu, jadi tanggal ini dapat dibaca dua cara
cell-date-turned = program lembar kerja tampaknya menukar hari dan bulan tanggal ini
cell-date-epoch = tahunnya tidak masuk akal; tampaknya angka tanggal ini dihitung dari hari pertama yang lain
cell-date-month = nama bulannya tidak dikenali
cell-date-digits = delapan angka ini dapat dibaca lebih dari satu cara
cell-time = bukan jam yang dapat dibaca; tulis misalnya 21:15
cell-future = tanggalnya masih jauh di depan; periksa hari, bulan dan tahun
cell-country = negara ini tidak dikenali; tulis nama negara atau kode tiga huruf
cell-passport = bukan nomor paspor; hanya huruf dan angka
cell-passport-zeros = lebih pendek daripada nomor lain di kolom ini; angka nol di depan tampaknya hilang. Cocokkan dengan paspornya. Bila nomornya memang sependek itu, tulis nomor itu lalu (benar), misalnya 323456 (benar)
cell-passport-notation = program lembar kerja telah merusak nomor ini; ketik lagi dari paspornya sebagai teks
cell-word = pilih salah satu: { $words }
cell-bool = tulis ya atau tidak
cell-number = bukan angka yang dapat dibaca; tulis misalnya 1.250,5
cell-visa = bukan indeks visa; tulis misalnya B1 atau E23
cell-region = wilayah ini tidak dikenali; tulis kode Kemendagri dengan titiknya atau nama lengkapnya
cell-region-bps = { $code } adalah kode BPS untuk { $name }; kode BPS OKU Timur dan OKU Selatan terbalik dari kode Kemendagri
cell-region-dots = kode ini kehilangan titik atau nol; tulis sebagai teks
cell-region-name = namanya mirip { $name }, tetapi tidak sama
cell-twice = baris { $row } memuat orang atau hal yang sama, tetapi isinya lain. Bila baris ini yang benar, hapus baris { $row }; bila tidak, hapus baris ini
cell-too-long = isinya terlalu panjang
cell-control = ada huruf yang tidak tampak atau tidak lazim; ketik ulang
cell-nik = ini NIK; NIK tidak boleh dikirim, ganti dengan sidiknya dari `siaga hash-nik`
cell-nik-hash = bukan sidik NIK dari `siaga hash-nik`: seharusnya 64 huruf dan angka
cell-photo = ada gambar; foto tidak boleh dikirim
cell-identity = bentuknya tidak benar; periksa lagi
cell-kind = jenis catatan ini tidak dikenali
cell-not-yours = pengirim ini tidak boleh mengirim catatan dari sumber itu
cell-other = isinya tidak dapat dipakai; periksa lagi

## Laporan baris

report-nik = (NIK dihapus)
report-done = Selesai: tidak ada baris yang perlu diperbaiki. Berkas ini tidak perlu dikirim lagi.
report-guide = Cara memperbaiki:
    1. Di lembar "Laporan baris", cari baris merah yang statusnya "perlu diperbaiki". Selnya yang salah berwarna kuning; kolom "Alasan (siaga)" di sebelah kirinya menjelaskan apa yang salah.
    2. Ketik yang benar langsung di sel kuning itu. Bila alasannya memuat usul dan usul itu benar, tulislah usul itu. Jangan menebak: bila ragu, lihat paspornya atau tanyakan kepada yang mencatat.
    3. Simpan, lalu kirim berkas ini kembali dengan cara yang sama seperti berkas pertama. Kolom Status dan Alasan, warna, dan baris hijau tidak perlu dihapus. Baris yang sudah diterima tidak akan tercatat dua kali.

## Templat tabel

template-written = templat "{ $name }": { $path }
template-unknown = tidak ada templat untuk `{ $kind }`; yang ada:
template-several = ada beberapa templat untuk `{ $kind }`; sebutkan salah satu:
template-guide = Isilah lembar "Isian", satu baris untuk satu hal. Kolom bertanda * wajib diisi. Klik sebuah sel untuk melihat penjelasannya. Bila tidak ada yang dilaporkan, isi satu baris saja: NIHIL dan tanggalnya.
template-column = Kolom
template-required = Wajib
template-about = Penjelasan
template-example = Contoh
template-choices = Pilihan
template-yes = ya

## Kesalahan dalam profil tabel

profile-visas-missing = berkas ini tidak ada, padahal sebuah profil menurunkan izin darinya
profile-visas-unreadable = tidak dapat dibaca: { $reason }
profile-visas-help = kolomnya `prefix`, `kind`, `may_work`, `may_report` dan `days`
profile-no-field = catatan tidak mempunyai isian `{ $field }`
profile-no-field-help = `siaga schema` menyebut semua isian
profile-header-twice = `{ $header }` menjadi judul dua kolom
profile-header-twice-help = sebutkan sekali saja; huruf besar, spasi dan tanda baca tidak dibedakan
profile-states-nothing = kolom ini tidak menyebut isian apa pun
profile-states-nothing-help = tambahkan `field`, atau jadikan bentuknya `ignored`
profile-field-twice = dua kolom menyebut `{ $field }`
profile-field-twice-help = kumpulkan semua judul sebuah isian dalam satu kolom
profile-years = { $first } sampai { $last } bukan rentang tahun
profile-years-help = tulis tahun pertama dan terakhir, paling banyak seratus tahun
profile-no-words = kolom ini tidak menyebut daftar kata
profile-no-words-help = tambahkan `words`, salah satu dari { $known }
profile-identity = tidak ada kolom yang menyebut `{ $field }`
profile-identity-help = sebutkan isian yang ada kolomnya
profile-no-identity = profil ini tidak mengatakan apa yang membedakan satu baris dari yang lain
profile-no-identity-help = sebutkan isiannya dalam `identity`
thing-source = sumber data
thing-list-of-words = daftar kata
thing-word-of-field = kata untuk isian itu

## Sidik sebagai ganti NIK

hash-nik-number = baris { $row }: NIK tertulis sebagai angka sehingga angka terakhirnya hilang; help: ketik lagi sebagai teks
hash-nik-none = baris { $row } tidak berisi NIK pada kolomnya; help: tulis enam belas angka, atau kosongkan selnya
hash-nik-no-column = tidak ada kolom `{ $column }`; help: sebutkan seperti tertulis di tabel

## Folder yang diawasi

thing-profile = profil tabel
folder-refused = Berkas ini tidak diterima: { $reason }.
folder-refused-help = Yang dapat dilakukan: { $help }.
folder-refused-rows = Sebelum itu terbaca { $sums }. Baris yang sudah diterima tetap tercatat dan tidak akan tercatat dua kali.
folder-refused-again = Sesudah dibetulkan, taruh berkasnya lagi di folder `intake`.
folder-several-help = minta pengelola siaga menyebut `profile` untuk folder ini dalam siaga.toml
folder-unset-help = tambahkan kolomnya, atau minta pengelola siaga menyetel `{ $field }` untuk folder ini dalam siaga.toml
folder-not-json = isinya bukan JSON yang dapat dibaca ({ $reason })
folder-not-json-help = kirim satu catatan JSON tiap baris, atau pakai tabel .csv atau .xlsx
