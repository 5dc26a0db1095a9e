"""Every route and every socket handler, by name, with who may use it. One that is not in these tables fails."""

from __future__ import annotations

import re

from app.services import services_of
from app.web.guard import PUBLIC, declared_access
from dispatch.feed.audiences import audiences_for
from dispatch.feed.streams import stream_for
from dispatch.roles import Role
from tests.app.house import House, csrf_token

C, S, A, R, L = Role.CALL_TAKER, Role.SUPERVISOR, Role.ADMIN, Role.RESPONDER, Role.LEADER
EVERYONE = {C, S, A, R, L}

#: Open to strangers, each for a reason.
PUBLIC_ROUTES = {
    "static",  # styles and scripts of the sign-in page; nothing of the city's
    "sign_in",
    "do_sign_in",
    # The second step: whoever has no sealed cookie of the first is sent back to it.
    "second_step",
    "do_second_step",
    "enrol",
    "do_enrol",
    "language",  # the sign-in page offers both languages
    "healthz",  # load balancers have no account
    "readyz",
    "metrics",  # figures only; Prometheus scrapes them
    "api.openapi",
    # Callers have no account: the token in the address is the proof, and nothing of a caller or ticket is answered.
    "location_link.show",
    "location_link.opened",
    "location_link.consent",
    "location_link.fix",
    "location_link.end",
    "task_link.show",
    "task_link.mark",
    "task_link.opened",
    "task_link.again",
    "task_link.take_step",
    # Carriers have no account: Meta signs, Telegram has a secret, our service worker the token of its message.
    "hooks.whatsapp_handshake",
    "hooks.whatsapp_told",
    "hooks.telegram_told",
    "hooks.push_told",
    # What a browser keeps of the agency's page before and after anybody has signed in: nothing of anybody.
    "waking.worker_script",
    "waking.web_manifest",
    "waking.offline_page",
    "api.show_boundaries",  # public geography, the backdrop of the sign-in page
}

ROLES_BY_ROUTE = {
    "home": EVERYONE,
    "sign_out": EVERYONE,
    "account": EVERYONE,
    "change_own_password": EVERYONE,
    "end_own_sessions": EVERYONE,
    "renew_recovery_codes": EVERYONE,
    "become_wall": {C, S, A},
    "show_idle": EVERYONE,
    "stay_active": EVERYONE,
    "console": {C, S},
    "board": {C, S, A},
    "map_file": EVERYONE,
    "demo_phones": {C, S, A},
    "press_demo_phone": {C, S, A},
    "say_on_demo_phone": {C, S, A},
    "agency": {R},
    "leader": {L},
    "assignment": {R},
    "api.show_leader": {L},
    "api.instruct": {L},
    "api.answer_leader": {L, R},
    "api.list_tickets": EVERYONE - {L},
    "api.show_ticket": EVERYONE - {L},
    "api.find_calls": {C, S, A},
    "api.claim_ticket": {C, S},
    "api.release_ticket": {C, S},
    "api.take_over_ticket": {C, S},
    "api.classify_ticket": {C, S},
    "api.locate_ticket": {C, S},
    "api.dispatch_ticket": {C, S},
    "api.close_ticket": {C, S},
    "api.reopen_ticket": {C, S},
    "api.acknowledge_assignment": {C, S, R},
    "api.decline_assignment": {C, S, R},
    "api.set_en_route": {C, S, R},
    "api.set_on_scene": {C, S, R},
    "api.clear_assignment": {C, S, R},
    "api.show_me": EVERYONE,
    "api.show_snapshot": EVERYONE - {L},
    "api.list_journal": EVERYONE - {L},
    "api.show_board": {C, S, A},
    "api.sit_down": {C, S},
    "api.search_places": {C, S, A},
    "api.interpret_words": {C, S},
    "api.list_locations": {C, S, A},
    "api.request_location": {C, S},
    "api.end_location": {C, S},
    "api.list_callbacks": {C, S, A},
    "api.take_callback": {C, S},
    "api.release_callback": {C, S},
    "api.record_callback_attempt": {C, S},
    "api.close_callback": {C, S},
    "api.add_caller_note": {C, S},
    "api.edit_caller_note": {C, S},
    "api.remove_caller_note": {C, S},
    "numbers": {S, A},
    "held": {S, A},
    "ministry_list": {S, A},
    "api.list_number_flags": {S, A},
    "api.decide_number_flag": {S},
    "api.lift_number_block": {S},
    "api.block_number": {S},
    "api.end_call": {S},
    "api.list_landmarks": {C, S, A},
    "api.add_landmark": {C, S},
    "api.retire_landmark": {C, S},
    "api.show_map_landmarks": {C, S, A},
    "api.show_point": {C, S, A},
    "api.geocode": {C, S},
    "api.find_similar_tickets": {C, S},
    "api.attach_ticket": {C, S},
    "api.list_ladders": {C, S, A},
    "api.preview_ladders": {C, S},
    "api.list_held": {S, A},
    "api.release_held_ladders": {S},
    "api.drop_held_ladders": {S},
    "api.drop_held_messages": {S},
    "api.pause_ticket_clock": {C, S},
    "api.resume_ticket_clock": {C, S},
    "api.detach_ticket": {C, S},
    "api.add_caller_words": {C, S},
    "api.answer_ticket_question": {C, S},
    "api.save_ticket_draft": {C, S},
    "api.set_own_keys": {C, S},
    "api.take_record": {S, A},
    "roster": {S, A, R},
    "roster_file": {S, A, R},
    "api.list_contacts": EVERYONE,
    "api.add_contact": {S, A, R},
    "api.change_contact": {S, A, R},
    "api.remove_contact": {S, A, R},
    "api.set_channels": {S, A, R},
    "api.check_in": {S, A, R},
    "api.test_channel": {S, A, R},
    "api.prove_channel": {S, A, R},
    "api.list_duties": EVERYONE,
    "api.add_duty": {S, A, R},
    "api.remove_duty": {S, A, R},
    "api.swap_duty": {S, A, R},
    "api.list_rosters": EVERYONE,
    "api.show_roster": EVERYONE,
    "api.show_shift": EVERYONE,
    "api.copy_week": {S, A, R},
    "api.take_roster": {S, A, R},
    "api.list_holes": EVERYONE,
    "api.keep_browser": {S, R, L},
    "api.forget_browser": {S, R, L},
    "api.test_browser": {S, R, L},
}

#: Each asks who is there by itself; tests/app/node/test_running_server.py shows that a stranger gets nothing from them.
SOCKET_HANDLERS = {"connect", "disconnect", "resume"}

WHO = {C: "dewi", S: "ratna", A: "adi", R: "damkar", L: "sekda"}


def path_of(house: House, endpoint: str) -> tuple[str, str]:
    rule = next(rule for rule in house.app.url_map.iter_rules() if rule.endpoint == endpoint)
    method = "POST" if "POST" in (rule.methods or ()) else "GET"
    named = rule.rule.replace("<string:number>", "261124-999").replace("<string:agency>", "DINASAPA")
    path = re.sub(r"<int[^>]*>", "999999", named)
    return method, re.sub(r"<any[^>]*>", "id", path)


def test_the_tables_name_every_route_and_no_other(house: House) -> None:
    endpoints = {rule.endpoint for rule in house.app.url_map.iter_rules()}
    assert endpoints == PUBLIC_ROUTES | set(ROLES_BY_ROUTE)


def test_each_route_declares_what_its_table_says(house: House) -> None:
    for endpoint in PUBLIC_ROUTES:
        assert declared_access(house.app, endpoint) == PUBLIC, endpoint
    for endpoint, roles in ROLES_BY_ROUTE.items():
        assert declared_access(house.app, endpoint) == roles, endpoint


def test_the_table_names_every_socket_handler(house: House) -> None:
    handlers = services_of(house.app).sockets.socketio.server.handlers
    assert {namespace: set(events) for namespace, events in handlers.items()} == {"/": SOCKET_HANDLERS}


def test_a_stranger_is_sent_to_sign_in_from_everywhere_else(house: House) -> None:
    client = house.browser()
    headers = {"X-CSRFToken": csrf_token(client)}
    for endpoint in ROLES_BY_ROUTE:
        method, path = path_of(house, endpoint)
        answer = client.open(path, method=method, headers=headers, json={} if method == "POST" else None)
        if method == "GET" and not path.startswith("/api/"):
            assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/sign-in"), endpoint
        else:
            assert answer.status_code == 401, endpoint


def test_only_the_roles_of_the_table_get_past_the_guard(staffed: House) -> None:
    programs = {role: staffed.program(username) for role, username in WHO.items()}
    for endpoint, roles in ROLES_BY_ROUTE.items():
        if endpoint == "api.sit_down":
            continue  # refuses programs whatever their role; tests/app/api/test_api.py has it with a browser
        method, path = path_of(staffed, endpoint)
        let_in = set()
        for role, program in programs.items():
            answer = program.post(path) if method == "POST" else program.get(path)
            if answer.status_code != 403:
                let_in.add(role)
        assert let_in == roles, endpoint


def test_a_route_that_declares_nothing_is_closed(house: House) -> None:
    house.app.add_url_rule("/new-page", "new_page", lambda: "secret")
    answer = house.browser().get("/new-page")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_a_wrong_bearer_token_is_not_passed_over_for_a_good_cookie(staffed: House) -> None:
    browser = staffed.browser("dewi")
    assert browser.get("/api/v1/board").status_code == 200
    assert browser.get("/api/v1/board", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_deactivated_user_is_out_at_once(staffed: House) -> None:
    from dispatch.people.commands import deactivate_user
    from dispatch.roles import Actor

    program, browser = staffed.program("rizki"), staffed.browser("rizki")
    staffed.centre.run(deactivate_user, actor=Actor.system(), user_id=staffed.user_ids["rizki"])
    assert program.get("/api/v1/board").status_code == 401
    assert browser.get("/api/v1/board").status_code == 401


def test_a_leader_receives_nothing_of_the_feed(staffed: House) -> None:
    leader = staffed.actor("sekda", Role.LEADER)
    assert audiences_for(leader) == ("agency:",)
    assert stream_for(leader).agency == ""
