"""What the caller's telephone shows and receives; Bahasa Indonesia first, as callers speak it."""

from __future__ import annotations

from flask_babel import gettext as _


def sms_text(city: str, url: str, valid_s: int) -> str:
    """The SMS that carries a link: one part of 160 characters for addresses of up to 60."""
    return f"112 {city}: buka {url} untuk mengirim lokasi Anda. Berlaku {valid_s // 60} menit. Darurat? Telepon 112."


def page_words() -> dict[str, str]:
    """The texts that the page's script shows, in the request's language; braces take figures."""
    return {
        "title_live": _("Petugas 112 melihat lokasi Anda"),
        "title_over": _("Lokasi tidak dibagikan"),
        "asking": _("Meminta izin lokasi. Pilih Izinkan."),
        "searching": _("Mencari lokasi Anda…"),
        "sending": _("Mengirim lokasi…"),
        "sent": _("Lokasi terkirim, akurasi {m} m, {s} dtk lalu"),
        "sent_minutes": _("Lokasi terkirim, akurasi {m} m, {n} mnt lalu"),
        "rough": _("Lokasi masih kasar. Pindah ke dekat jendela atau ke luar bila aman."),
        "waiting": _("Belum terkirim, sinyal lemah. Dicoba lagi otomatis."),
        "denied": _(
            "Izin lokasi ditolak. Ketuk gembok atau setelan di sebelah alamat, pilih Izin, Lokasi, Izinkan, lalu coba "
            "lagi. iPhone: Pengaturan, Privasi, Layanan Lokasi, nyalakan untuk peramban ini."
        ),
        "no_fix": _("Lokasi belum ditemukan. Nyalakan GPS, pindah ke tempat terbuka bila aman, lalu coba lagi."),
        "no_gps": _("Peramban ini tidak bisa membaca lokasi. Buka tautan ini di Chrome atau Safari."),
        "in_app": _("Bila gagal di sini, ketuk titik tiga lalu buka di Chrome atau Safari."),
        "again": _("Coba lagi"),
        "share": _("Bagikan lokasi saya ke 112"),
        "left": _("Berhenti sendiri dalam {n} menit"),
        "stopped": _("Anda berhenti berbagi. Petugas tidak menerima lokasi Anda lagi."),
        "expired": _("Tautan ini sudah kedaluwarsa. Minta tautan baru lewat telepon 112."),
        "used": _("Tautan ini sudah dipakai di ponsel atau peramban lain. Minta tautan baru lewat telepon 112."),
        "ended": _("Berbagi lokasi lewat tautan ini sudah berakhir. Masih perlu bantuan? Telepon 112."),
        "unknown": _("Tautan ini tidak dikenal. Periksa hurufnya, atau minta tautan baru lewat telepon 112."),
        "too_many": _("Terlalu banyak tautan salah dari jaringan ini. Tunggu 15 menit, atau telepon 112."),
    }
