"""What a page needs to know about the city, so that it works on while the server is out of reach."""

from __future__ import annotations

from app.pages.shapes import Catalogue, KnownReason
from dispatch.city.ladders import Reach
from dispatch.city.pack import CityPack


def catalogue_of(city: CityPack) -> Catalogue:
    """Types, kelurahan, agencies, reasons, shifts and the policy's figures, as plain values for a page's data block."""
    policy = city.policy
    return {
        "types": [
            {
                "code": kind.code,
                "category": kind.category,
                "name_id": kind.name_id,
                "name_en": kind.name_en,
                "priority": kind.priority,
                "icon": kind.icon,
            }
            for kind in city.incident_types.values()
        ],
        "kelurahan": [
            {"code": ward.code, "name": ward.name, "kecamatan": ward.kecamatan, "lat": ward.lat, "lon": ward.lon}
            for ward in city.kelurahan.values()
        ],
        "agencies": [
            {"code": agency.code, "name": agency.name, "short_name": agency.short_name, "phone": agency.phone}
            for agency in city.agencies.values()
            if agency.dispatchable
        ],
        "decline_reasons": decline_reasons_of(city),
        "pause_reasons": [
            {
                "code": reason.code,
                "name_id": reason.name_id,
                "name_en": reason.name_en,
                "roles": [role.value for role in reason.roles],
                "longest_s": reason.longest_s,
            }
            for reason in city.ladders.pause_reasons.values()
        ],
        "silent_channels": [
            channel.value for channel, policy in city.ladders.reach.items() if policy.needs is Reach.OPENED
        ],
        "shifts": [
            {
                "name_id": shift.name_id,
                "name_en": shift.name_en,
                "starts": shift.starts.isoformat("minutes"),
                "ends": shift.ends.isoformat("minutes"),
            }
            for shift in policy.shifts
        ],
        "policy": {
            "answer_target_s": policy.answer_target_s,
            "answer_goal": policy.answer_goal,
            "dispatch_target_s": policy.dispatch_target_s,
            "ring_near_s": policy.ring_near_s,
            "undo_s": policy.undo_s,
            "border_near_m": policy.border_near_m,
            "stale_talk_s": policy.calls.stale_talk_s,
            "nuisance_limit": policy.nuisance.limit,
            "audit_near_s": city.ladders.audit_near_s,
            "audit_late_s": city.ladders.audit_late_s,
        },
    }


def decline_reasons_of(city: CityPack) -> list[KnownReason]:
    """The reasons an agency may give for declining; all that its page needs of the catalogue."""
    return [
        {"code": reason.code, "name_id": reason.name_id, "name_en": reason.name_en} for reason in city.decline_reasons
    ]
