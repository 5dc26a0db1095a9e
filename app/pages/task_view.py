"""What the page behind a task's link says, in words: one set of plain values for its template."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from babel.dates import format_datetime
from flask import request
from flask_babel import gettext as _

from app.web.inline_icons import inline_icon
from app.web.ladder_words import who_on_ladder
from dispatch.city.ladders import LinkShows, Reach
from dispatch.city.pack import CityPack
from dispatch.links.task_links import TokenFault
from dispatch.one_tap.commands import LinkStep
from dispatch.one_tap.reading import LinkedTask, Standing
from dispatch.storage.rows import AssignmentRow
from dispatch.tickets.lifecycle import AssignmentState
from dispatch.tickets.shapes import AgencyTicket
from dispatch.tickets.views import short_number

_NEAR_S = 15


@dataclass(frozen=True, slots=True)
class Due:
    """The running clock: until when what has to be done, who is told after that, and what is left of it."""

    limit: str
    after: str | None
    left_s: int
    share: float  #: of its time that is left, 0 to 100
    look: str  #: running, near, late


@dataclass(frozen=True, slots=True)
class Message:
    """A card that says how things stand; `look`: plain or amber."""

    icon: str
    title: str
    text: str
    look: str = "plain"


@dataclass(frozen=True, slots=True)
class Button:
    """One step: what it is called, its icon, and whether it asks for words or a reason first."""

    step: str
    words: str
    icon: str
    asks: str | None = None  #: note, reason


@dataclass(frozen=True, slots=True)
class Caller:
    """What only whoever has accepted sees."""

    words: str | None
    further: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    place_note: str | None
    map_url: str | None
    also_sent: str


@dataclass(slots=True)
class TaskView:
    """All of the page."""

    standing: str
    icon: Any
    heading: str
    said: Message | None = None
    due: Due | None = None
    message: Message | None = None
    for_whom: str | None = None
    number: str | None = None
    priority: str | None = None
    type_icon: str | None = None
    place: tuple[str, ...] = ()
    hidden: str | None = None
    hints: tuple[str, ...] = ()
    caller: Caller | None = None
    next: Button | None = None
    others: tuple[Button, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    new_link: bool = False
    home: str | None = None
    call: str = "112"
    call_words: str = ""
    foot: str | None = None
    done_steps: tuple[str, ...] = field(default=())


def task_view(
    city: CityPack, now: datetime, language: str, task: LinkedTask | None, *, why: str | None, said: str | None
) -> TaskView:
    """The page for a link as it stands, or for one that leads nowhere (`why`); `said`: what a button came to."""
    times = _Times(city, now, language)
    standing = task.standing.value if task is not None else why or TokenFault.UNKNOWN
    view = TaskView(standing, inline_icon, _("Tugas dari pusat 112"), said=_said(said))
    direct = city.agencies[city.ladders.centre].phone
    view.call, view.call_words = (direct, _("Telepon pusat")) if direct else ("112", _("Telepon 112"))
    if task is None:
        view.message = _leads_nowhere(why)
        return view
    view.new_link = task.new_link
    view.message = _message(task, city, times)
    if task.ticket is None or task.assignment is None:
        view.hints = _hints(task)
        return view
    _tell_the_task(view, task, city, times, language)
    return view


def _tell_the_task(view: TaskView, task: LinkedTask, city: CityPack, times: _Times, language: str) -> None:
    assert task.ticket is not None
    assert task.assignment is not None
    shows = frozenset(LinkShows) if task.view is not None else frozenset(city.ladders.links.before_accept)
    incident = city.incident_types.get(task.ticket.type_code or "")
    if incident is not None and LinkShows.TYPE in shows:
        view.heading, view.type_icon = (incident.name_en if language == "en" else incident.name_id), incident.icon
    view.priority = task.ticket.priority if LinkShows.PRIORITY in shows else None
    view.number = short_number(task.ticket.number)
    view.for_whom = f"{task.contact.name}, {task.contact.agency_code}"
    view.place = _place(task, city, shows)
    view.due = _due(task, city, times)
    view.hints = _hints(task)
    if task.standing in (Standing.ASK, Standing.RESUME):
        after = _("TERIMA") if task.standing is Standing.ASK else _("LANJUTKAN")
        view.hidden = _filled(_("Kata pelapor dan peta terbuka sesudah {button}."), button=after)
        view.foot = _filled(_("Bukan {name}? Jangan tekan, telepon pusat."), name=task.contact.name)
    if task.standing is Standing.TOLD:
        view.home = _("Buka Siaga")
    if task.standing is Standing.TAKEN and task.accepted is not None and not task.accepted.by_contact:
        view.home = _("Buka daftar tugas")
    view.next, view.others = _buttons(task)
    view.reasons = tuple(
        (reason.code, reason.name_en if language == "en" else reason.name_id) for reason in city.decline_reasons
    )
    if task.view is not None:
        view.caller = _caller(task.view, language)
        view.done_steps = _done_steps(task.assignment, times)


class _Times:
    """Instants as people here write them: a time of day with dots, with its date where it is not of today."""

    def __init__(self, city: CityPack, now: datetime, language: str) -> None:
        self.now, self._city, self._language = now, city, language

    def at(self, instant: datetime) -> str:
        local, today = instant.astimezone(self._city.timezone), self.now.astimezone(self._city.timezone)
        if local.date() == today.date():
            return f"{local:%H.%M.%S}"
        return format_datetime(local, "d MMM HH.mm", tzinfo=self._city.timezone, locale=self._language)


def _leads_nowhere(why: str | None) -> Message:
    texts = {
        TokenFault.OLD_KEY.value: _("Tautan ini dibuat sebelum kunci pusat 112 diganti. Tunggu pesan yang baru."),
        "too_many": _("Terlalu banyak tautan salah dari jaringan ini. Tunggu 15 menit."),
    }
    unknown = _("Tautan ini tidak dikenal. Buka lagi dari pesan aslinya.")
    return Message("link-2-off", _("Tautan tidak berlaku"), texts.get(why or "", unknown))


def _message(task: LinkedTask, city: CityPack, times: _Times) -> Message | None:
    standing, assignment, accepted = task.standing, task.assignment, task.accepted
    if standing is Standing.EXPIRED:
        text = _("Tautan berlaku {n} jam dan hanya untuk penerimanya. Isi tugas tidak ditampilkan lagi.")
        return Message("link-2-off", _("Tautan ini sudah tidak berlaku"), _filled(text, n=city.ladders.links.valid_h))
    if standing is Standing.REMOVED:
        text = _("Penerimanya tidak terdaftar lagi pada instansinya. Isi tugas tidak ditampilkan.")
        return Message("link-2-off", _("Tautan ini sudah tidak berlaku"), text)
    if standing is Standing.NO_TASK:
        return Message("info", _("Tidak ada tugas di sini"), _("Pesan ini tidak menunggu jawaban lewat tautan."))
    if assignment is None:
        return None
    if standing is Standing.TOLD:
        text = _("Tugas ini untuk piket {agency}. Anda diberi tahu supaya bisa mendorongnya.")
        return Message("info", _("Anda diberi tahu"), _filled(text, agency=assignment.agency_code))
    if standing is Standing.TAKEN and accepted is not None:
        title = _("Sudah diterima di ponsel lain") if accepted.by_contact else _("Sudah diterima rekan Anda")
        text = _filled(_("{name}, pukul {time}."), name=accepted.name or _("Pusat 112"), time=times.at(accepted.at))
        return Message("check-check", title, f"{text} {_latest(assignment, times)}".strip())
    if standing is Standing.RESUME and accepted is not None:
        title = _("Sudah Anda terima") if accepted.by_contact else _("Pusat 112 mencatat: diterima")
        text = _filled(_("Pukul {time}. Tekan LANJUTKAN untuk melapor dari ponsel ini."), time=times.at(accepted.at))
        return Message("check-check", title, text)
    return _over(task, city, times, assignment)


def _over(task: LinkedTask, city: CityPack, times: _Times, assignment: AssignmentRow) -> Message | None:
    """What an assignment that has ended came to; before its acceptance, that it was opened already."""
    if task.standing is Standing.DONE and assignment.cleared_at is not None:
        return Message(
            "check-check", _("Tugas selesai"), _filled(_("Pukul {time}."), time=times.at(assignment.cleared_at))
        )
    if task.standing is Standing.DECLINED and assignment.declined_at is not None:
        reason = next((one for one in city.decline_reasons if one.code == assignment.reason_code), None)
        text = _filled(_("Pukul {time}."), time=times.at(assignment.declined_at))
        return Message("x", _("Tugas ditolak"), f"{text} {reason.name_id}." if reason else text)
    if task.standing is Standing.CALLED_OFF and assignment.cancelled_at is not None:
        if task.elsewhere:
            text = _filled(
                _("Pukul {time} tugas diserahkan ke {agency}."),
                time=times.at(task.elsewhere[-1].since),
                agency=task.elsewhere[-1].agency_code,
            )
            return Message("octagon-alert", _("Terlambat: tugas sudah dialihkan"), text)
        text = _filled(_("Pusat 112 menariknya pukul {time}."), time=times.at(assignment.cancelled_at))
        return Message("octagon-alert", _("Tugas ditarik kembali"), text)
    if task.standing is Standing.ASK and task.notice.level == Reach.OPENED:
        text = _("Pusat 112 melihat itu. Tekan TERIMA.")
        title = _filled(_("Sudah dibuka {time}, belum diterima."), time=times.at(task.notice.level_at))
        return Message("triangle-alert", title, text, "amber")
    return None


def _latest(assignment: AssignmentRow, times: _Times) -> str:
    if assignment.on_scene_at is not None:
        return _filled(_("Tiba di lokasi {time}."), time=times.at(assignment.on_scene_at))
    if assignment.en_route_at is not None:
        return _filled(_("Menuju lokasi {time}."), time=times.at(assignment.en_route_at))
    return ""


def _hints(task: LinkedTask) -> tuple[str, ...]:
    hints = {
        Standing.ASK: _("Membuka halaman ini belum berarti menerima."),
        Standing.TAKEN: _("Anda tidak perlu menekan apa pun. Ikut berangkat? Beri tahu rekan Anda atau pusat."),
        Standing.CALLED_OFF: _("Jangan berangkat tanpa kabar pusat. Jika Anda sudah di jalan, telepon sekarang."),
    }
    on_another = task.standing is Standing.TAKEN and task.new_link
    found = [hints[task.standing]] if task.standing in hints and not on_another else []
    if task.standing is Standing.ASK and task.elsewhere:
        codes = ", ".join(one.agency_code for one in task.elsewhere)
        found.append(_filled(_("Sesudah Anda, tugas ini juga dikirim ke {agencies}."), agencies=codes))
    if task.new_link:
        found.append(_("Tautan baru dikirim ke nomor yang terdaftar, bukan ke yang membuka halaman ini."))
    return tuple(found)


def _place(task: LinkedTask, city: CityPack, shows: frozenset[LinkShows]) -> tuple[str, ...]:
    assert task.ticket is not None
    lines = []
    if LinkShows.PLACE in shows and task.ticket.place_text:
        lines.append(task.ticket.place_text)
    kelurahan = city.kelurahan.get(task.ticket.kelurahan_code or "")
    if kelurahan is not None and LinkShows.KELURAHAN in shows:
        lines.append(f"Kel. {kelurahan.name}, Kec. {kelurahan.kecamatan}")
    return tuple(lines)


def _due(task: LinkedTask, city: CityPack, times: _Times) -> Due | None:
    assignment = task.assignment
    shown = task.standing in (Standing.ASK, Standing.MINE, Standing.RESUME)
    if assignment is None or assignment.clock_due_at is None or assignment.clock_started_at is None or not shown:
        return None
    left_s = round((assignment.clock_due_at - times.now).total_seconds())
    whole_s = max(1.0, (assignment.clock_due_at - assignment.clock_started_at).total_seconds())
    limits = {
        AssignmentState.SENT: (_("Terima sebelum {time}"), _("Batas terima {time} lewat")),
        AssignmentState.ACKNOWLEDGED: (_("Berangkat sebelum {time}"), _("Batas berangkat {time} lewat")),
        AssignmentState.EN_ROUTE: (_("Tiba sebelum {time}"), _("Batas tiba {time} lewat")),
        AssignmentState.ON_SCENE: (_("Selesai sebelum {time}"), _("Batas selesai {time} lewat")),
    }
    limit = _filled(limits[AssignmentState(assignment.state)][left_s < 0], time=times.at(assignment.clock_due_at))
    look = "late" if left_s < 0 else "near" if left_s <= max(_NEAR_S, whole_s / 4) else "running"
    return Due(limit, _after(task, city, times), left_s, max(0.0, min(100.0, 100 * left_s / whole_s)), look)


def _after(task: LinkedTask, city: CityPack, times: _Times) -> str | None:
    """Who is told next, and when."""
    ladder = task.ladder
    if ladder is None or ladder["next_who"] is None or ladder["next_at"] is None:
        return None
    who, at = who_on_ladder(ladder["next_who"], city), datetime.fromisoformat(ladder["next_at"])
    due_at = task.assignment.clock_due_at if task.assignment is not None else None
    if due_at is not None and times.at(at) == times.at(due_at):
        return _filled(_("lewat itu, {who} diberi tahu"), who=who)
    return _filled(_("{time} {who} diberi tahu"), time=times.at(at), who=who)


def _buttons(task: LinkedTask) -> tuple[Button | None, tuple[Button, ...]]:
    accept = Button(LinkStep.ACCEPT, _("TERIMA"), "check")
    en_route = Button(LinkStep.EN_ROUTE, _("Menuju lokasi"), "navigation")
    on_scene = Button(LinkStep.ON_SCENE, _("Tiba di lokasi"), "map-pin")
    clear = Button(LinkStep.CLEAR, _("Selesai"), "check-check", "note")
    if task.standing is Standing.ASK:
        return accept, (Button(LinkStep.DECLINE, _("Tolak"), "x", "reason"),)
    if task.standing is Standing.RESUME:
        return Button(LinkStep.RESUME, _("LANJUTKAN"), "arrow-right"), ()
    if task.standing is Standing.CALLED_OFF:
        return None, (Button(LinkStep.NOT_GOING, _("Beri tahu: saya tidak berangkat"), "message-square-text"),)
    if task.standing is not Standing.MINE or task.assignment is None:
        return None, ()
    state = AssignmentState(task.assignment.state)
    if state is AssignmentState.ACKNOWLEDGED:
        return en_route, (on_scene, clear)
    if state is AssignmentState.EN_ROUTE:
        return on_scene, (clear,)
    return clear, ()


def _caller(ticket: AgencyTicket, language: str) -> Caller:
    place = ticket["place"]
    lat = lon = None
    note = None
    if place is not None:
        lat, lon = place["lat"], place["lon"]
        if lat is None:
            lat, lon = place["kelurahan_lat"], place["kelurahan_lon"]
            note = _("titik kelurahan, lokasi persis belum ada")
        elif place["accuracy_m"]:
            note = _filled(_("kira-kira ±{n} m"), n=round(place["accuracy_m"]))
    ours = "en" if language == "en" else "id"
    return Caller(
        ticket["words"],
        tuple(one["words"] for one in ticket["further_words"]),
        tuple(
            (answer["tells_en"], answer["words_en"]) if ours == "en" else (answer["tells_id"], answer["words_id"])
            for answer in ticket["answers"]
        ),
        note,
        _map_url(lat, lon) if lat is not None and lon is not None else None,
        ", ".join(ticket["also_sent"]),
    )


def _map_url(lat: float, lon: float) -> str:
    """Opens in whatever map the phone has: Android knows geo:, an iPhone its own scheme, a computer only the web."""
    agent, at = request.user_agent.string, f"{lat:.6f},{lon:.6f}"
    if any(name in agent for name in ("iPhone", "iPad", "iPod")):
        return f"maps:?q={at}"
    if "Android" in agent:
        return f"geo:{at}?q={at}"
    return f"https://www.openstreetmap.org/?mlat={lat:.6f}&mlon={lon:.6f}#map=17/{lat:.6f}/{lon:.6f}"


def _done_steps(assignment: AssignmentRow, times: _Times) -> tuple[str, ...]:
    steps = (
        (assignment.acknowledged_at, _("Diterima {time}")),
        (assignment.en_route_at, _("Menuju {time}")),
        (assignment.on_scene_at, _("Tiba {time}")),
    )
    return tuple(_filled(words, time=times.at(at)) for at, words in steps if at is not None)


def _filled(text: str, **values: object) -> str:
    return text.format(**values)


def _said(said: str | None) -> Message | None:
    """What a button came to, where the page itself does not show it."""
    texts = {
        "note": ("triangle-alert", _("Tulis hasilnya dulu, lalu tekan Selesai.")),
        "reason": ("triangle-alert", _("Pilih satu alasan dulu.")),
        "sent": ("check", _("Tautan baru dikirim ke nomor yang terdaftar.")),
        "too_soon": ("clock", _("Baru saja dikirim. Tunggu sebentar, lalu lihat pesan Anda.")),
        "too_often": ("triangle-alert", _("Sudah dikirim beberapa kali. Telepon pusat.")),
        "unreachable": ("triangle-alert", _("Tidak ada nomor terdaftar yang bisa dikirimi. Telepon pusat.")),
        "over": ("info", _("Tugasnya sudah berakhir: tidak ada tautan baru.")),
        "noted": ("check", _("Tercatat: Anda tidak berangkat. Pusat 112 melihatnya.")),
        "changed": ("triangle-alert", _("Keadaan tugas sudah berubah. Lihat di bawah.")),
        "elsewhere": ("triangle-alert", _("Ditolak: dikirim dari halaman lain. Tekan di sini sekali lagi.")),
        "failed": ("octagon-alert", _("Tidak tersimpan: pusat sedang terganggu. Telepon pusat sekarang.")),
    }
    icon, text = texts.get(said or "", ("info", ""))
    return Message(icon, "", text, "plain" if icon in ("check", "info", "clock") else "amber") if text else None
