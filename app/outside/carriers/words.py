"""What a notice says, in Indonesian and in few words: a task is read on a lock screen, at night, by whoever was woken.

Never in it: what a caller said, a caller's number or name. Messages are forwarded and lie open on tables; whoever
accepts a task sees the rest on the page behind the link.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from app.outside.carriers.message import Button, Message
from dispatch.city.ladders import INSTRUCTION
from dispatch.city.pack import CityPack
from dispatch.city.policy import ClockKind
from dispatch.deliveries.notices import NoticeKind
from dispatch.deliveries.outbox import LeasedNotice
from dispatch.deliveries.saying import Said
from dispatch.roles import AGENCY_ROLES
from dispatch.tickets.lifecycle import AssignmentState
from dispatch.tickets.views import short_number

#: The address of what a notice is about, for this person; None where there is none.
LinkFor = Callable[[Said], str | None]

PERHAPS_TWICE = "(mungkin ganda)"
LATE = "TERLAMBAT"
_LONGEST_LASTING = timedelta(hours=12)
_JUST_NOW = timedelta(seconds=10)
_LISTED = 5  #: of a bundle; of the rest the numbers are told
_NUMBERED = 20

#: What has not happened, while a clock runs.
_MISSING = {
    ClockKind.ACKNOWLEDGE: "belum diterima",
    ClockKind.MOVE: "belum berangkat",
    ClockKind.ARRIVE: "belum tiba di lokasi",
    ClockKind.CLEAR: "belum ada laporan selesai",
    ClockKind.ANSWER: "panggilan belum dijawab",
    ClockKind.CALLBACK: "penelepon belum dihubungi kembali",
    ClockKind.FIRST_DISPATCH: "belum dikirim ke instansi",
    ClockKind.VERIFY: "belum diperiksa dan ditutup",
    INSTRUCTION: "tindak lanjut belum dilaporkan",
}
#: What whoever has a task may report next.
_NEXT = {
    AssignmentState.SENT: (Button.ACCEPT, Button.DECLINE),
    AssignmentState.ACKNOWLEDGED: (Button.EN_ROUTE,),
    AssignmentState.EN_ROUTE: (Button.ON_SCENE,),
}
_REPLY = {
    AssignmentState.SENT: "Balas: TERIMA {n}, atau TOLAK {n} alasan",
    AssignmentState.ACKNOWLEDGED: "Balas: MENUJU {n}",
    AssignmentState.EN_ROUTE: "Balas: TIBA {n}",
    AssignmentState.ON_SCENE: "Balas: SELESAI {n} hasil",
}
_ANSWERS = {
    "done": "{n}: tercatat, {state}.",
    "already": "{n}: sudah tercatat sebelumnya, {state}.",
    "late": "{n}: jawaban datang terlambat, sekarang {state}. Dicatat, tidak dijalankan.",
    "not_yours": "{n}: bukan tugas instansi Anda. Dicatat, tidak dijalankan.",
    "refused": "{n}: tidak dapat dijalankan, sekarang {state}.",
    "which": "Tugas yang mana? Balas dengan nomornya: {numbers}.",
    "no_task": "Tidak ada tugas terbuka dengan nomor itu untuk Anda.",
    "reason": "{n}: mengapa ditolak? Balas: TOLAK {n} dan salah satu: {reasons}.",
    "result": "{n}: apa hasilnya? Balas: SELESAI {n} lalu hasilnya.",
    "checked_in": "Terima kasih, Anda tercatat siap bertugas.",
    "no_duty": "Tidak ada giliran jaga Anda saat ini.",
    "tested": "Terima kasih, saluran ini sudah teruji.",
    "help": "Balas dengan kata: TERIMA 047, MENUJU 047, TIBA 047, SELESAI 047 hasil, TOLAK 047 alasan, atau SIAP.",
    "stranger": "Alamat ini belum terdaftar di Siaga 112; pesan ini tidak dijalankan. Keadaan darurat: telepon 112.",
    "words_only": "Hanya teks dan tombol yang dibaca di sini. Balas: TERIMA 047, MENUJU 047, TIBA 047, SELESAI 047.",
}
_CHANGES = {
    "added": "giliran baru:",
    "removed": "giliran dihapus:",
    "taken_over": "Anda menggantikan:",
    "handed_over": "Anda digantikan:",
}
_STATES = {
    AssignmentState.SENT: "menunggu diterima",
    AssignmentState.ACKNOWLEDGED: "diterima",
    AssignmentState.EN_ROUTE: "menuju lokasi",
    AssignmentState.ON_SCENE: "di lokasi",
    AssignmentState.CLEARED: "selesai",
    AssignmentState.DECLINED: "ditolak",
    AssignmentState.CANCELLED: "dibatalkan oleh 112",
}


def message_of(leased: LeasedNotice, city: CityPack, now: datetime, link_for: LinkFor) -> Message:
    """The message that says all notices of a lease."""
    first = leased.said[0]
    if len(leased.said) == 1:
        title, detail, reply = _one(first, city, now, leased.to.test_code)
        buttons, link = _buttons(first), link_for(first)
    else:
        title, detail, reply = _several(leased.said, city, now)
        buttons, link = (), None
    if leased.uncertain:
        title = f"{title} {PERHAPS_TWICE}"
    lasts = min(leased.deadline - now, _LONGEST_LASTING)
    return Message(
        leased.message_id,
        leased.to,
        title,
        detail,
        reply,
        buttons,
        link,
        page=_page(first) if len(leased.said) == 1 else "/",
        urgent=any(said.priority in ("P1", "P2", None) for said in leased.said),
        topic=f"n{first.assignment_id or 0}-{first.ticket_number or first.notice_id}"[:32],
        lasts_s=max(1, int(lasts.total_seconds())),
    )


def _page(said: Said) -> str:
    """Where its person, who has signed in, sees more of it."""
    of_agency = said.role in AGENCY_ROLES
    return f"/agency/{said.assignment_id}" if of_agency and said.assignment_id is not None else "/"


def _one(said: Said, city: CityPack, now: datetime, test_code: str | None) -> tuple[str, str, str]:
    kind = NoticeKind(said.kind)
    if kind is NoticeKind.TEST and said.facts.get("browser"):
        return f"Uji: Siaga 112 {city.name} dapat membangunkan perangkat ini", "Tidak perlu dibalas.", ""
    if kind is NoticeKind.TEST:
        code = said.facts.get("code") or test_code or "OK"
        return "Uji pesan Siaga 112", city.name, f"Balas pesan ini dengan: {code}"
    if kind is NoticeKind.CHECK_IN:
        return "Giliran jaga Anda", _shift(said).strip(), "Balas: SIAP"
    if kind is NoticeKind.ROSTER:
        return "Jadwal jaga Anda berubah", _roster_change(said), ""
    if kind is NoticeKind.HOLES:
        holes = said.facts.get("holes")
        count = f"{holes} " if isinstance(holes, int) else ""
        return "Jadwal jaga berlubang", f"{count}giliran atau petugas tidak terjangkau", ""
    if kind is NoticeKind.REPLY:
        return _answer(said, city), "", ""
    number = _number(said)
    mark = f"{LATE} · " if said.late else ""
    if kind is NoticeKind.TASK:
        title = f"{mark}TUGAS 112 nomor {number}"
    elif kind is NoticeKind.INSTRUCTION:
        title = f"{mark}TINDAK LANJUT {number} diminta {_agency(said.office_code, city) or 'pimpinan'}"
    elif kind is NoticeKind.CENTRE:
        title = f"{mark}112 nomor {number}: {_missing(said)}"
    else:
        who = _agency(said.agency_code, city)
        head = "ESKALASI" if kind is NoticeKind.ESCALATION else "PENGINGAT"
        title = f"{mark}{head} {number}: {_missing(said)}{f' ({who})' if who else ''}"
    return title, _detail(said, city, now), _reply(said)


def _several(all_said: Sequence[Said], city: CityPack, now: datetime) -> tuple[str, str, str]:
    """Several as one: a list that can be answered by number."""
    if all_said[0].kind == NoticeKind.ROSTER:
        shifts = [_roster_change(said) for said in all_said[:_LISTED]]
        more = [f"dan {len(all_said) - _LISTED} lagi"] if len(all_said) > _LISTED else []
        return f"Jadwal jaga Anda berubah: {len(all_said)} giliran", "; ".join([*shifts, *more]), ""
    late = f"{LATE} · " if any(said.late for said in all_said) else ""
    numbers = list(dict.fromkeys(_number(said) for said in all_said))
    lines = [
        f"{_number(said)} {_missing(said) if said.clock else 'tugas baru'}: {_detail(said, city, now)}"
        for said in all_said[:_LISTED]
    ]
    if len(all_said) > _LISTED:
        told = {_number(said) for said in all_said[:_LISTED]}
        more = [number for number in numbers if number not in told]
        named = f": {', '.join(more[:_NUMBERED])}{' ...' if len(more) > _NUMBERED else ''}" if more else ""
        lines.append(f"dan {len(all_said) - _LISTED} lagi{named}")
    answer = any(_may_answer(said) for said in all_said)
    reply = f"Balas: TERIMA lalu nomornya, misalnya TERIMA {numbers[0]}" if answer else ""
    return f"{late}112: {len(all_said)} hal menunggu Anda ({', '.join(numbers[:_LISTED])})", "; ".join(lines), reply


def _detail(said: Said, city: CityPack, now: datetime) -> str:
    """What, where, how urgent, until when or how late."""
    type_ = city.incident_types.get(said.type_code or "")
    ward = city.kelurahan.get(said.kelurahan_code or "")
    parts = [
        said.priority or "",
        type_.name_id if type_ is not None else "jenis belum diketahui",
        f"Kel. {ward.name}, Kec. {ward.kecamatan}" if ward is not None else "lokasi belum diketahui",
        _due(said, city, now),
    ]
    return " · ".join(part for part in parts if part)


def _due(said: Said, city: CityPack, now: datetime) -> str:
    if said.due_at is None:
        return ""
    over = now - said.due_at
    if over.total_seconds() < 0:
        local = said.due_at.astimezone(city.timezone)
        same_day = local.date() == now.astimezone(city.timezone).date()
        return f"batas {local:%H.%M}" if same_day else f"batas {local:%d/%m %H.%M}"
    return f"lewat {duration(over)}" if over >= _JUST_NOW else "baru saja lewat"


def duration(span: timedelta) -> str:
    """A span in words: `40 detik`, `3 menit`, `2 jam 5 menit`, `3 hari`."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{seconds} detik"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} menit"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} jam {minutes} menit" if minutes else f"{hours} jam"
    return f"{hours // 24} hari"


def _missing(said: Said) -> str:
    return _MISSING.get(said.clock or "", "menunggu")


def _number(said: Said) -> str:
    return short_number(said.ticket_number) if said.ticket_number else "-"


def _agency(code: str | None, city: CityPack) -> str:
    agency = city.agencies.get(code or "")
    return agency.short_name if agency is not None else ""


def _may_answer(said: Said) -> bool:
    return said.assignment_id is not None and said.role in AGENCY_ROLES and said.assignment_state is not None


def _reply(said: Said) -> str:
    if not _may_answer(said):
        return ""
    words = _REPLY.get(AssignmentState(said.assignment_state or ""), "")
    return words.format(n=_number(said))


def _buttons(said: Said) -> tuple[Button, ...]:
    if said.kind == NoticeKind.CHECK_IN:
        return (Button.CHECK_IN,)
    if not _may_answer(said):
        return ()
    return _NEXT.get(AssignmentState(said.assignment_state or ""), ())


def _roster_change(said: Said) -> str:
    """What was changed in a person's roster."""
    return _CHANGES.get(str(said.facts.get("change")), "berubah:") + _shift(said)


def _shift(said: Said) -> str:
    """When a shift is, as the roster's wall says: ` 25/11 07.00 sampai 15.00`."""
    starts, ends = said.facts.get("starts"), said.facts.get("ends")
    if not (isinstance(starts, str) and isinstance(ends, str)):
        return ""
    try:
        start, end = datetime.fromisoformat(starts), datetime.fromisoformat(ends)
    except ValueError:
        return ""
    return f" {start:%d/%m %H.%M} sampai {end:%H.%M}"


def _answer(said: Said, city: CityPack) -> str:
    """What came of somebody's answer."""
    facts = said.facts
    state = facts.get("state")
    return _ANSWERS.get(str(facts.get("says")), _ANSWERS["help"]).format(
        n=facts.get("number") or "-",
        state=_STATES.get(AssignmentState(state), "") if state in set(AssignmentState) else "ditutup",
        numbers=", ".join(str(number) for number in facts.get("numbers", ())),
        reasons=", ".join(reason.name_id for reason in city.decline_reasons),
    )
