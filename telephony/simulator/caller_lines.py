"""What simulated callers say: invented sentences, in the way people in Serang speak on the telephone.

`{place}` stands for a place of the city (`di depan Terminal Pakupatan`). The demo shows them, so that whoever plays the
operator has something to type.
"""

from __future__ import annotations

from collections.abc import Mapping

#: By incident type code of the city pack; a type that is missing here is spoken of in its own first keyword.
GENUINE_LINES: Mapping[str, tuple[str, ...]] = {
    "kebakaran-bangunan": (
        "Tolong Pak, rumah tetangga saya terbakar {place}, apinya sudah besar, masih ada orang di dalam!",
        "Ini ada kebakaran warung {place}, asapnya hitam tebal, tolong damkar cepat.",
        "Dapur rumah saya terbakar Bu, kompornya meledak, saya {place}.",
    ),
    "kebakaran-lahan": ("Ilalang terbakar {place}, apinya merambat ke arah rumah warga.",),
    "kebakaran-kendaraan": ("Ada mobil terbakar {place}, sopirnya sudah keluar tapi apinya tambah besar.",),
    "korsleting-listrik": ("Meteran listrik rumah saya keluar percikan, bau kabel hangus, alamatnya {place}.",),
    "kebocoran-gas": ("Tabung gas bocor di rumah, baunya menyengat sekali, kami {place}, takut meledak.",),
    "gardu-kabel-putus": ("Kabel listrik putus melintang di jalan {place}, masih keluar api.",),
    "listrik-padam": ("Listrik padam dari jam lima sore, satu kampung gelap, {place}.",),
    "kecelakaan-korban": (
        "Ada tabrakan {place}, motor sama truk, korbannya dua, satu tidak sadar, cepat ambulans!",
        "Pak, pengendara motor jatuh {place}, kakinya patah, berdarah banyak.",
        "Anak sekolah ketabrak mobil {place}, tolong kirim ambulans.",
    ),
    "kecelakaan-tanpa-korban": ("Mobil sama angkot serempetan {place}, tidak ada yang luka tapi macet, pada ribut.",),
    "orang-terjebak": ("Anak saya kejepit pagar {place}, tangannya tidak bisa lepas.",),
    "gawat-darurat-medis": (
        "Bapak saya sesak napas, sudah tidak kuat bicara, rumah kami {place}.",
        "Ibu saya pingsan di kamar mandi, mulutnya mencong, {place}, tolong cepat.",
        "Ada bapak-bapak kejang {place}, badannya biru.",
    ),
    "permintaan-ambulans": ("Saya butuh ambulans buat antar kontrol ke rumah sakit besok pagi, saya tinggal {place}.",),
    "mobil-jenazah": ("Saya mau minta mobil jenazah, almarhum mau dibawa pulang, sekarang {place}.",),
    "persalinan": ("Istri saya mau melahirkan, ketubannya sudah pecah, kami {place}, tidak ada kendaraan.",),
    "keracunan-massal": ("Warga keracunan habis hajatan, belasan orang muntah-muntah, {place}.",),
    "odgj-mengamuk": ("Ada orang gangguan jiwa mengamuk bawa golok {place}, warga takut.",),
    "banjir-rumah": (
        "Air masuk rumah, sudah sepinggang, ada orang tua sama bayi, {place}.",
        "Banjir Pak, kali meluap, kami terjebak di lantai atas, {place}.",
    ),
    "genangan-jalan": ("Jalan tergenang {place}, got mampet, motor pada mogok.",),
    "angin-kencang": ("Angin puting beliung barusan, atap rumah warga terbang, {place}.",),
    "pohon-tumbang": (
        "Pohon tumbang {place}, nutup jalan, kena kabel juga.",
        "Ada pohon besar tumbang menimpa mobil {place}, orangnya masih di dalam.",
    ),
    "bangunan-roboh": ("Tembok bangunan roboh {place}, ada tukang ketimpa.",),
    "orang-tenggelam": ("Anak hanyut di kali {place}, dari tadi belum kelihatan!",),
    "orang-hilang": ("Nenek saya hilang dari tadi pagi, orangnya sudah pikun, terakhir kelihatan {place}.",),
    "evakuasi-hewan": ("Ada ular besar masuk rumah {place}, kayaknya sanca, tolong damkar.",),
    "sarang-tawon": ("Ada sarang tawon besar di atap {place}, kemarin sudah ada yang disengat.",),
    "penyelamatan-ringan": ("Cincin saya tidak bisa lepas, jarinya bengkak, saya {place}.",),
    "tindak-kriminal": (
        "Tolong, barusan ada begal {place}, dua orang bawa celurit, motornya dibawa kabur.",
        "Rumah saya kemalingan, malingnya masih di dalam, {place}.",
    ),
    "tawuran": ("Anak-anak tawuran {place}, pada bawa celurit, tolong polisi.",),
    "kdrt": ("Tetangga saya dipukuli suaminya, teriak-teriak minta tolong, {place}.",),
    "kemacetan": ("Lampu merah mati {place}, macet total, tidak ada yang mengatur.",),
    "pju-mati": ("Lampu jalan mati {place}, gelap sekali, sudah seminggu.",),
    "jalan-rusak": ("Jalan berlubang dalam {place}, tadi ada yang jatuh.",),
    "sampah": ("Sampah menumpuk {place}, sudah tiga hari tidak diangkut.",),
    "orang-terlantar": ("Ada kakek linglung {place}, lupa jalan pulang, dari tadi belum makan.",),
}

NUISANCE_LINES: Mapping[str, tuple[str, ...]] = {
    "prank": (
        "Halo, pesan martabak dua ya, yang telor.",
        "Hahaha, ini polisi ya? Tangkap teman saya dong.",
        "Halo, ini siapa? Lho kok nanya balik.",
        "Mbak, sudah punya pacar belum?",
        "Tolong ada kebakaran! Kebakaran hatiku, hahaha.",
    ),
    "ghost": ("(tidak ada suara)", "(hanya suara jalan)", "(hanya suara televisi)"),
    "dropped": ("(terputus)",),
    "information": (
        "Mau tanya, kantor Dukcapil hari Sabtu buka tidak ya?",
        "Nomor telepon rumah sakit umum berapa ya Bu?",
        "Cara mengurus BPJS anak yang baru lahir ke mana?",
        "Pulsa saya kok hilang, ini bisa dibantu?",
        "Bayar PBB di mana ya?",
    ),
    "wrong_number": (
        "Lho, ini bukan Bu Haji? Maaf salah sambung.",
        "Maaf, saya kira ini nomor bengkel.",
        "Kepencet anak saya, maaf ya Pak.",
    ),
}
