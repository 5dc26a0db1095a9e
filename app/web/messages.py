"""What people are told when something was refused: what is wrong, and what to do about it, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: code -> (Indonesian, English); the braces take the error's details.
_TEXTS: dict[str, tuple[str, str]] = {
    "sign_in_needed": (
        "Anda belum masuk atau sesi sudah berakhir. Masuk lagi.",
        "You are not signed in, or your session has ended. Sign in again.",
    ),
    "not_permitted": (
        "Peran Anda tidak mengizinkan tindakan ini. Minta bantuan supervisor.",
        "Your role does not allow this. Ask a supervisor.",
    ),
    "scope_refused": (
        "Token ini hanya berlaku untuk {scope}. Pakai token lain: flask --app wsgi token create NAMA",
        "This token is good for {scope} only. Use another one: flask --app wsgi token create NAME",
    ),
    "wall_screen": (
        "Layar dinding hanya menampilkan papan. Keluar, lalu masuk lagi untuk bekerja di sini.",
        "A wall screen shows the board only. Sign out and sign in again to work here.",
    ),
    "not_found": (
        "Tidak ditemukan, atau bukan untuk instansi Anda. Periksa nomornya.",
        "Not found, or not for your agency. Check the number.",
    ),
    "transition_refused": (
        "Keadaannya sudah berubah, tindakan ini tidak berlaku lagi. Muat ulang dan lihat keadaan terbaru.",
        "Its state has changed, so this no longer applies. Reload and look at the newest state.",
    ),
    "restored": (
        "Data server dipulihkan ke keadaan sebelumnya, dan ini untuk tiket yang tidak ada lagi. Catat ulang.",
        "The server's data was restored to an earlier state, and this was for a ticket that is gone. Note it anew.",
    ),
    "claimed_by_other": (
        "{owner_name} sudah mengambil panggilan ini.",
        "{owner_name} has taken this call.",
    ),
    "callback_over": (
        "Nomor ini tidak perlu ditelepon lagi: sudah tersambung atau diselesaikan (tiket {ticket}).",
        "This number need not be called any more: it got through or was dealt with (ticket {ticket}).",
    ),
    "not_owner": (
        "Ambil tiket ini lebih dulu.",
        "Take this ticket first.",
    ),
    "agencies_on_it": (
        "Tiket {short} sudah dikirim ke instansi. Gabungkan tiket yang lain ke tiket ini.",
        "Ticket {short} has been sent to agencies. Join the other ticket to this one instead.",
    ),
    "incident_closed": (
        "Tiket {short} sudah ditutup, tidak ada instansi yang menuju. Buka kembali tiket itu, atau kirim tiket ini.",
        "Ticket {short} is closed, no agency is on its way. Reopen that ticket, or send this one.",
    ),
    "roster_changed": (
        "{by_name} lebih dulu mengubah daftar piket ini. Lihat perubahannya, lalu ubah lagi bila perlu.",
        "{by_name} changed this roster first. Look at that change, then change it again if needed.",
    ),
    "roster_file": (
        "Berkas ini tidak dipakai: {count} kesalahan. Tidak ada yang tersimpan.",
        "This file was not taken: {count} mistakes. Nothing was saved.",
    ),
    "requirement_missing": (
        "Belum lengkap: {missing}. Isi lebih dulu.",
        "Not complete: {missing}. Fill it in first.",
    ),
    "invalid_value": (
        "Isi {field} tidak dapat dipakai: {problem}.",
        "The value of {field} cannot be used: {problem}.",
    ),
    "invalid_json": (
        "Isi permintaan bukan JSON yang benar. Kirim satu objek JSON.",
        "The body is no valid JSON. Send one JSON object.",
    ),
    "too_large": (
        "Isi permintaan terlalu besar. Batasnya {limit_kb} kB.",
        "The body is too large. The limit is {limit_kb} kB.",
    ),
    "method_not_allowed": (
        "Cara ini tidak tersedia di alamat itu. Lihat /api/v1/openapi.json.",
        "This method is not available at that address. See /api/v1/openapi.json.",
    ),
    "form_expired": (
        "Halaman ini sudah terlalu lama terbuka. Muat ulang, lalu coba lagi.",
        "This page has been open for too long. Reload it and try again.",
    ),
    "too_many_attempts": (
        "Terlalu banyak percobaan masuk. Coba lagi dalam {wait}.",
        "Too many attempts to sign in. Try again in {wait}.",
    ),
    "sign_in_busy": (
        "Server sedang memeriksa banyak kata sandi. Coba lagi dalam {wait}.",
        "The server is checking many passwords just now. Try again in {wait}.",
    ),
    "wrong_code": (
        "Kode salah atau sudah dipakai. Tunggu kode berikutnya di aplikasi autentikator, lalu coba lagi.",
        "The code is wrong or was used before. Wait for the next one in your authenticator app and try again.",
    ),
    "second_step_over": (
        "Terlalu lama, atau kata sandi sudah berubah. Masuk lagi dari awal.",
        "This took too long, or the password has changed. Sign in again from the start.",
    ),
    "second_factor_unreadable": (
        "Autentikator Anda tidak dapat diperiksa: kunci server berubah. Minta administrator menjalankan: {command}",
        "Your authenticator cannot be checked: the server's key has changed. Ask an administrator to run: {command}",
    ),
    "wrong_current_password": (
        "Kata sandi sekarang salah. Tidak ada yang berubah.",
        "The present password is wrong. Nothing was changed.",
    ),
    "passwords_differ": (
        "Kedua kata sandi baru tidak sama. Ketik lagi.",
        "The two new passwords differ. Type them again.",
    ),
    "password_length": (
        "Kata sandi terdiri dari {least} sampai {most} karakter.",
        "A password has {least} to {most} characters.",
    ),
    "password_too_easy": (
        "Kata sandi ini mudah ditebak. Pakai empat kata yang tidak biasa, atau buat dengan pengelola kata sandi.",
        "This password is easy to guess. Take four unusual words, or let a password manager make one.",
    ),
    "wrong_credentials": (
        "Nama pengguna atau kata sandi salah. Periksa huruf besar dan kecil, lalu coba lagi.",
        "The username or the password is wrong. Check capital letters and try again.",
    ),
    "no_users": (
        "Belum ada pengguna. Buat administrator pertama di server ini: {command}",
        "There are no users yet. Make the first administrator on this server: {command}",
    ),
    "seat_unknown": (
        "Meja itu tidak ada. Pilih meja dari daftar.",
        "There is no such seat. Choose one from the list.",
    ),
    "storage_unavailable": (
        "Penyimpanan sedang tidak dapat dipakai, tidak ada yang tersimpan. Telepon tetap berdering; coba lagi.",
        "The storage cannot be used just now, nothing was saved. The phones still ring; try again in a moment.",
    ),
    "busy": (
        "Terlalu banyak permintaan dari nama pengguna ini sekaligus. Tunggu sebentar, lalu coba lagi.",
        "Too many requests of this username at once. Wait a moment, then try again.",
    ),
    "reading_too_long": (
        "Teks ini terlalu rumit untuk dibaca otomatis. Pilih jenis, kelurahan, dan instansi dengan tangan.",
        "This text is too intricate to be read automatically. Choose type, kelurahan and agencies by hand.",
    ),
    "reading_unavailable": (
        "Bacaan otomatis sedang tidak tersedia. Pilih jenis, kelurahan, dan instansi dengan tangan.",
        "Automatic reading is not available just now. Choose type, kelurahan and agencies by hand.",
    ),
    "bad_request": (
        "Permintaan ini tidak dapat dibaca. Periksa alamat dan isinya.",
        "This request cannot be read. Check its address and content.",
    ),
    "server_error": (
        "Ada kesalahan di server. Telepon tetap berdering; coba lagi, lalu beri tahu administrator.",
        "Something went wrong in the server. The phones still ring; try again, then tell your administrator.",
    ),
}

_WORDS: dict[str, tuple[str, str]] = {
    # What can be missing
    "type": ("jenis kejadian", "incident type"),
    "kelurahan": ("kelurahan", "kelurahan"),
    "agencies": ("instansi", "agencies"),
    "reason": ("alasan", "reason"),
    "note": ("catatan hasil", "result note"),
    "lat": ("lintang", "latitude"),
    "lon": ("bujur", "longitude"),
    "agency_code": ("kode instansi", "agency code"),
    "prank": ("tiket harus ditandai iseng", "the ticket must be marked as a prank"),
    "decision": ("keputusan", "decision"),
    "number": ("nomor", "number"),
    "no_number": ("nomor tidak dikirim, jadi tidak dapat diblokir", "no number was sent, so it cannot be blocked"),
    "name": ("nama", "name"),
    "other_names": ("nama lain", "other names"),
    # What can be wrong with a value
    "unknown": ("tidak dikenal", "unknown"),
    "empty": ("kosong", "empty"),
    "too_long": ("terlalu panjang", "too long"),
    "too_short": ("terlalu pendek", "too short"),
    "outside_city": ("di luar kota", "outside of the city"),
    "form": ("bentuknya salah", "not of the right form"),
    "taken": ("sudah dipakai", "already in use"),
    "deactivated": ("sudah dinonaktifkan", "deactivated"),
    "only_responders": ("hanya untuk petugas instansi", "only for responders of an agency"),
    "no_time_zone": ("zona waktu tidak disebut", "no time zone is given"),
    "same_ticket": ("tiket yang sama", "the same ticket"),
    "missing": ("wajib diisi", "required"),
    "wrong_type": ("jenis nilainya salah", "of the wrong type"),
    "out_of_range": ("di luar batas", "out of range"),
    "unexpected": ("tidak dipakai di sini", "not used here"),
    "implausible": ("tidak masuk akal", "not plausible"),
    "not_sent": ("tidak dikirim", "was not sent"),
    "too_many": ("sudah terlalu banyak, hapus yang lama dulu", "too many, remove old ones first"),
    "not_dialable": ("tidak dapat ditelepon", "cannot be dialled"),
    "not_after": ("tidak sesudah awalnya", "not after its beginning"),
    "not_of_this_agency": ("tidak dipakai oleh instansi ini", "not used by this agency"),
    "no_mobile": ("bukan nomor ponsel", "no mobile number"),
    "overlaps": ("bertabrakan dengan giliran orang yang sama", "overlaps a shift of the same person"),
    "area_code": ("wilayah", "area"),
    "address": ("alamat", "address"),
    "channel": ("kanal", "channel"),
    "username": ("nama pengguna", "username"),
    "starts_local": ("awal giliran", "beginning of the shift"),
    "ends_local": ("akhir giliran", "end of the shift"),
    "reserved": ("dipakai peramban atau untuk mengetik", "used by the browser or for typing"),
    "control_character": ("berisi karakter yang tidak boleh", "contains a character that is not allowed"),
}

#: HTTP status -> what a page that refuses has for its heading.
_HEADINGS: dict[int, tuple[str, str]] = {
    401: ("Masuk lagi", "Sign in again"),
    403: ("Tidak diizinkan", "Not allowed"),
    404: ("Tidak ditemukan", "Not found"),
    429: ("Terlalu banyak percobaan", "Too many attempts"),
    500: ("Ada kesalahan di server", "Something went wrong in the server"),
    503: ("Penyimpanan tidak dapat dipakai", "The storage cannot be used"),
}
_OTHER_HEADING = ("Tidak dapat dilakukan", "Cannot be done")

CODES = frozenset(_TEXTS)


def explain(code: str, details: Mapping[str, Any], language: str) -> str:
    """The sentence for an error code in `language` (`id` or `en`); details that are codes are put into words."""
    column = 1 if language == "en" else 0
    words = {name: _in_words(value, column) for name, value in details.items()}
    return _TEXTS[code if code in _TEXTS else "bad_request"][column].format_map(_Known(words))


def heading(status: int, language: str) -> str:
    """The heading of a page that refuses with an HTTP status, in `language` (`id` or `en`)."""
    return _HEADINGS.get(status, _OTHER_HEADING)[1 if language == "en" else 0]


def waiting_time(seconds: float, language: str) -> str:
    """A length of time as it is said: `45 detik`, `2 menit 5 detik`."""
    minutes, rest = divmod(max(1, round(seconds)), 60)
    minute, second = ("min", "s") if language == "en" else ("menit", "detik")
    parts = [f"{minutes} {minute}"] * bool(minutes) + [f"{rest} {second}"] * bool(rest)
    return " ".join(parts)


def _in_words(value: Any, column: int) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_in_words(item, column) for item in value)
    text = str(value)
    return _WORDS[text][column] if text in _WORDS else text


class _Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "-"
