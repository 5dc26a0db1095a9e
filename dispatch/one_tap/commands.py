"""What is done by a signed link: looking at it, accepting, the steps after that, refusing, asking for a new link.

Whoever has the link acts as its contact; the first telephone on which that is done is the contact's from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import select

from dispatch.agencies import assignments
from dispatch.city.ladders import Reach
from dispatch.deliveries.notices import PAGE, About, NoticeKind, notify, raise_level
from dispatch.duty.acting import actor_of_contact
from dispatch.duty.on_duty import PersonOnDuty, channels_of
from dispatch.errors import CommandRefused, NotFound, RequirementMissing
from dispatch.links.task_links import TaskLink
from dispatch.one_tap.reading import DEVICE, LinkedTask, Standing, read_link
from dispatch.roles import Actor, LadderRole
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import Notice
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.tickets.lifecycle import AssignmentCommand

#: Beside a notice's facts: somebody has asked for it by an older link.
AGAIN = "again"
#: How long a new link is sent on, where its carrier is down.
_WANTED = timedelta(hours=2)
_NOT_GOING = "not_going"


class LinkStep(StrEnum):
    """What the page's buttons do."""

    ACCEPT = "accept"
    RESUME = "resume"  #: go on here with what was accepted by another way
    EN_ROUTE = "en-route"
    ON_SCENE = "on-scene"
    CLEAR = "clear"
    DECLINE = "decline"
    NOT_GOING = "not-going"  #: too late: nothing is changed, and the centre knows that nobody sets out


class TaskLinkRefused(CommandRefused):
    """A link that does not do this now: `task_link_` and the standing, or why no new link is sent."""

    def __init__(self, why: str) -> None:
        super().__init__(f"task_link_{why}")


class _Told(NamedTuple):
    """What was filled in beside a button."""

    note: str | None
    reason_code: str | None


def open_task_link(tx: Transaction, *, notice_id: int, contact_id: int) -> Outcome:
    """Note that a page of the link is open before somebody; that binds nothing and accepts nothing."""
    linked = _linked(tx, notice_id, contact_id, None)
    if linked.standing in (Standing.EXPIRED, Standing.REMOVED):
        return Outcome(False)
    seq = raise_level(tx, notice_id, Reach.OPENED, channel=PAGE)
    return Outcome(seq is not None, seq=seq)


def take_link_step(
    tx: Transaction,
    *,
    notice_id: int,
    contact_id: int,
    device_hash: str,
    step: LinkStep,
    note: str | None = None,
    reason_code: str | None = None,
) -> Outcome:
    """Do what a button of the page says; what is done already changes nothing.

    1. Look at the link as it stands on this telephone. Where it does not do this any more, what was answered is noted
       and refused (TaskLinkRefused): another has the task, or it is over.
    2. Give the command of an agency as the contact, and note that the contact has answered.
    3. From the first step on the link is this telephone's.
    """
    linked = _linked(tx, notice_id, contact_id, device_hash)
    if step is LinkStep.NOT_GOING or linked.standing not in _STANDINGS[step]:
        return _noted(tx, linked, step)
    actor = actor_of_contact(tx.connection, contact_id)
    if actor is None or linked.assignment is None:
        raise TaskLinkRefused(linked.standing)
    outcome = Outcome(False)
    if step is not LinkStep.RESUME:
        outcome = _COMMANDS[step](tx, actor, linked.assignment.id, _Told(note, reason_code))
    if step is not LinkStep.DECLINE and DEVICE not in linked.notice.facts:
        tx.update(Notice, Notice.id == notice_id, facts={**linked.notice.facts, DEVICE: device_hash})
    raise_level(tx, notice_id, Reach.ANSWERED, channel=PAGE)
    return Outcome(outcome.changed, outcome.ticket_number, outcome.assignment_ids, outcome.seq)


def send_new_link(tx: Transaction, *, notice_id: int, contact_id: int) -> Outcome:
    """Send the contact a new link, to the addresses that are registered, never to whoever has the old one.

    Raises TaskLinkRefused: `over` where the task is, `unreachable` without an address, `too_soon` and `too_often` by
    the policy's limits.
    """
    linked = _linked(tx, notice_id, contact_id, None)
    if linked.standing is Standing.REMOVED or not (linked.new_link or linked.standing is Standing.TAKEN):
        raise TaskLinkRefused("over")
    old = linked.notice
    _check_limits(tx, old.assignment_id, contact_id)
    channels = channels_of(tx.connection, contact_id, linked.contact.user_id)
    if not channels:
        raise TaskLinkRefused("unreachable")
    person = PersonOnDuty(
        contact_id,
        linked.contact.user_id,
        linked.contact.name,
        LadderRole(linked.contact.role),
        linked.contact.agency_code,
        None,
        False,
        channels,
    )
    about = About(NoticeKind(old.kind), old.ticket_id, old.assignment_id)
    facts = {key: value for key, value in old.facts.items() if key != DEVICE}
    new_id = notify(tx, person, about, facts={**facts, AGAIN: True}, deadline=tx.now + _WANTED)
    return Outcome(True, assignment_ids=(old.assignment_id,) if old.assignment_id else (), seq=new_id)


def _check_limits(tx: Transaction, assignment_id: int | None, contact_id: int) -> None:
    policy = tx.city.ladders.links
    rows = tx.connection.execute(
        select(Notice.created_at, Notice.facts)
        .where(Notice.assignment_id == assignment_id, Notice.contact_id == contact_id)
        .order_by(Notice.id)
    ).all()
    asked_at = [row.created_at for row in rows if row.facts.get(AGAIN)]
    if len(asked_at) >= policy.most_again:
        raise TaskLinkRefused("too_often")
    if asked_at and (tx.now - asked_at[-1]).total_seconds() < policy.again_after_s:
        raise TaskLinkRefused("too_soon")


def _linked(tx: Transaction, notice_id: int, contact_id: int, device_hash: str | None) -> LinkedTask:
    linked = read_link(tx.connection, tx.city, tx.now, TaskLink(notice_id, contact_id), device_hash)
    if linked is None:
        raise NotFound("notice", notice_id)
    return linked


def _noted(tx: Transaction, linked: LinkedTask, step: LinkStep) -> Outcome:
    """Keep in the journal what somebody answered too late, and change nothing. A repeat is not noted again."""
    if linked.assignment is None or linked.standing is Standing.TOLD:
        raise TaskLinkRefused(linked.standing)
    answer = _NOT_GOING if step is LinkStep.NOT_GOING else step.value
    if step in _REPEATS.get(linked.standing, ()) or linked.notice.facts.get("late_answer") == answer:
        return Outcome(False)
    tx.update(Notice, Notice.id == linked.notice.id, facts={**linked.notice.facts, "late_answer": answer})
    actor = actor_of_contact(tx.connection, linked.contact.id) or Actor.system()
    seq = tx.record(
        JournalKind.NOTICE_ANSWERED_LATE,
        actor,
        ticket_id=linked.assignment.ticket_id,
        assignment_id=linked.assignment.id,
        notice_id=linked.notice.id,
        answer=answer,
        channel=PAGE,
    )
    return Outcome(False, seq=seq)


def _accept(tx: Transaction, actor: Actor, assignment_id: int, _told: _Told) -> Outcome:
    return assignments.acknowledge_assignment(tx, actor=actor, assignment_id=assignment_id)


def _en_route(tx: Transaction, actor: Actor, assignment_id: int, _told: _Told) -> Outcome:
    return assignments.set_en_route(tx, actor=actor, assignment_id=assignment_id)


def _on_scene(tx: Transaction, actor: Actor, assignment_id: int, _told: _Told) -> Outcome:
    return assignments.set_on_scene(tx, actor=actor, assignment_id=assignment_id)


def _clear(tx: Transaction, actor: Actor, assignment_id: int, told: _Told) -> Outcome:
    return assignments.clear_assignment(tx, actor=actor, assignment_id=assignment_id, note=told.note or "")


def _decline(tx: Transaction, actor: Actor, assignment_id: int, told: _Told) -> Outcome:
    if not told.reason_code:
        raise RequirementMissing("reason_code", allowed=(AssignmentCommand.DECLINE,))
    return assignments.decline_assignment(
        tx, actor=actor, assignment_id=assignment_id, reason_code=told.reason_code, note=told.note
    )


_COMMANDS: dict[LinkStep, Callable[[Transaction, Actor, int, _Told], Outcome]] = {
    LinkStep.ACCEPT: _accept,
    LinkStep.EN_ROUTE: _en_route,
    LinkStep.ON_SCENE: _on_scene,
    LinkStep.CLEAR: _clear,
    LinkStep.DECLINE: _decline,
}
_WORKED = frozenset({Standing.MINE, Standing.RESUME})
#: As what a link has to stand for a step to be taken by it.
_STANDINGS: dict[LinkStep, frozenset[Standing]] = {
    LinkStep.ACCEPT: frozenset({Standing.ASK, *_WORKED}),
    LinkStep.RESUME: _WORKED,
    LinkStep.EN_ROUTE: _WORKED,
    LinkStep.ON_SCENE: _WORKED,
    LinkStep.CLEAR: _WORKED,
    LinkStep.DECLINE: frozenset({Standing.ASK}),
}
#: What is done already where a link stands so: a repeat, and nothing that came too late.
_REPEATS: dict[Standing, tuple[LinkStep, ...]] = {
    Standing.DONE: (LinkStep.ACCEPT, LinkStep.EN_ROUTE, LinkStep.ON_SCENE, LinkStep.CLEAR, LinkStep.RESUME),
    Standing.DECLINED: (LinkStep.DECLINE,),
    Standing.TAKEN: (LinkStep.ACCEPT, LinkStep.RESUME),
}
