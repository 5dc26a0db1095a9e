"""A telephone that is woken while its page is closed: tapping for it, what comes, what the centre learns, what ends it.

Headless Chromium subscribes to no push service, so subscribing is stubbed; the worker is the real one, and what is
pushed to it comes through the browser's debugging protocol.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.outside.carriers.push import new_private_key
from app.outside.carriers.push_receipts import token_of
from tests.app.running_server import Browser as Session
from tests.app.running_server import running_server, until
from tests.browser.test_both_languages import foreign, in_language
from tests.browser.test_sizes import PHONE_SIZES, at_every_size

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]

SECRET = "a secret key of these tests, long enough"
#: A browser whose push service always answers; what it has is kept, as a browser keeps it.
SUBSCRIBES = """
(() => {
  const kept = () => localStorage.getItem("test.push");
  const made = (number) => ({
    endpoint: `https://fcm.googleapis.com/fcm/send/of-the-test-${number}`,
    options: { applicationServerKey: null },
    toJSON() { return { endpoint: this.endpoint, keys: { p256dh: "B" + "A".repeat(86), auth: "A".repeat(22) } }; },
    async unsubscribe() { localStorage.removeItem("test.push"); return true; },
  });
  PushManager.prototype.getSubscription = async () => (kept() ? made(kept()) : null);
  PushManager.prototype.subscribe = async () => {
    if (window.refusesToSubscribe) throw new DOMException("no push service", "AbortError");
    if (!kept()) {
      const number = Number(localStorage.getItem("test.count") ?? 0) + 1;
      localStorage.setItem("test.count", String(number));
      localStorage.setItem("test.push", String(number));
    }
    return made(kept());
  };
})();
"""


@pytest.fixture(scope="module")
def siaga(chromium, tmp_path_factory):
    own = {"SIAGA_PUSH_KEY": new_private_key(), "SIAGA_PUSH_SUBJECT": "mailto:it@example.go.id"}
    with running_server(tmp_path_factory.mktemp("siaga"), SIAGA_SECRET_KEY=SECRET, **own) as server:
        yield server


class Database:
    """What the server keeps (SQLite), beside it."""

    def __init__(self, siaga):
        self._file = next(Path(siaga.environ["SIAGA_DATA"]).glob("*.db"))

    def ask(self, words, *values):
        with closing(sqlite3.connect(self._file, timeout=10)) as connection, connection:
            return connection.execute(words, values).fetchall()

    def ringing(self):
        return [row[0] for row in self.ask("SELECT endpoint FROM push_subscriptions WHERE gone_at IS NULL ORDER BY id")]


@pytest.fixture
def database(siaga):
    found = Database(siaga)
    found.ask("UPDATE push_subscriptions SET gone_at = created_at, endpoint = 'left:' || id")
    return found


@pytest.fixture
def phone(people):
    return people.responder("damkar", before=[SUBSCRIBES], permissions=["notifications"])


def wake(phone):
    phone.see("#wake-on").tap()
    expect(phone.see("#wake")).to_have_attribute("data-state", "on")


class Push:
    """Delivers to the worker of a page what its push service would."""

    def __init__(self, page):
        self._page, self._registrations = page, {}
        self._session = page.context.new_cdp_session(page)
        self._session.on("ServiceWorker.workerRegistrationUpdated", self._note)
        self._session.send("ServiceWorker.enable")

    def _note(self, told):
        for one in told["registrations"]:
            self._registrations[one["scopeURL"]] = one["registrationId"]

    def deliver(self, origin, words):
        scope = f"{origin}/agency"
        for _ in range(50):
            if scope in self._registrations:
                break
            self._page.wait_for_timeout(100)
        self._session.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": origin, "registrationId": self._registrations[scope], "data": words},
        )


def message(message_id="m" * 32, page="/agency", title="TUGAS 112 nomor 047", tag="n0-047"):
    return json.dumps(
        {
            "web_push": 8030,
            "mutable": True,
            "notification": {
                "title": title,
                "body": "P1 · Kebakaran bangunan",
                "navigate": page,
                "tag": tag,
                "requireInteraction": True,
            },
            "page": page,
            "receipt": f"/hooks/push/{token_of(SECRET, message_id)}",
        }
    )


def shown(screen):
    """Title and how each notification of the worker is shown."""
    return screen.page.evaluate(
        """async () => (await (await navigator.serviceWorker.getRegistration("/agency")).getNotifications())
        .map((one) => [one.title, one.requireInteraction, one.silent, one.data.page])"""
    )


def told(database, message_id):
    found = database.ask("SELECT event_id FROM inbound_events WHERE event_id LIKE ?", f"{message_id}:%")
    return sorted(row[0].partition(":")[2] for row in found)


def test_a_tap_wakes_the_phone_and_every_load_says_so_again(phone, database):
    expect(phone.see("#wake-offer")).to_be_visible()
    expect(phone.see("#wake")).to_have_attribute("data-state", "off")
    assert database.ringing() == []
    wake(phone)
    expect(phone.see("#wake-offer")).to_be_hidden()
    (endpoint,) = database.ringing()
    phone.page.reload()
    expect(phone.see("#wake")).to_have_attribute("data-state", "on")
    assert database.ringing() == [endpoint]
    phone.see('[data-wake="off"]').tap()
    expect(phone.see("#wake")).to_have_attribute("data-state", "off")
    until(lambda: database.ringing() == [])


def test_a_push_is_shown_told_and_leads_to_the_task(phone, database, siaga):
    wake(phone)
    push = Push(phone.page)
    worker = phone.page.context.service_workers[0]
    phone.page.goto("about:blank")  # closed, as far as the worker sees
    push.deliver(siaga.base, message("a" * 32, "/agency/7"))
    until(lambda: told(database, "a" * 32) == ["shown"] or phone.page.wait_for_timeout(50))
    seen = worker.evaluate(
        """async () => (await registration.getNotifications())
        .map((one) => [one.title, one.requireInteraction, one.silent])"""
    )
    assert seen == [["TUGAS 112 nomor 047", True, False]]
    worker.evaluate(
        """async () => { const [notification] = await registration.getNotifications();
        dispatchEvent(new NotificationEvent("notificationclick", { notification })); }"""
    )
    until(lambda: told(database, "a" * 32) == ["opened", "shown"] or phone.page.wait_for_timeout(50))


def test_a_page_in_front_says_it_and_keeps_no_notification(phone, database, siaga):
    wake(phone)
    push = Push(phone.page)
    push.deliver(siaga.base, message("b" * 32))
    expect(phone.see("#notice-words")).to_have_text("TUGAS 112 nomor 047. P1 · Kebakaran bangunan")
    until(lambda: told(database, "b" * 32) == ["shown"] or phone.page.wait_for_timeout(50))
    until(lambda: shown(phone) == [] or phone.page.wait_for_timeout(50))


def test_what_cannot_be_read_is_shown_all_the_same(phone, siaga):
    wake(phone)
    push = Push(phone.page)
    push.deliver(siaga.base, "not JSON {")
    expect(phone.see("#notice-words")).to_contain_text("ada kabar untuk Anda")


def test_a_test_is_sent_and_its_receipt_is_said(phone, database, siaga):
    wake(phone)
    phone.see('[data-wake="test"]').tap()
    expect(phone.see('[data-part="wake-told"]')).to_contain_text("Menunggu notifikasi")
    until(lambda: database.ask("SELECT id FROM notices WHERE kind = 'test'") or phone.page.wait_for_timeout(50))
    ((message_id,),) = database.ask("SELECT message_id FROM notice_deliveries ORDER BY id DESC LIMIT 1")
    Push(phone.page).deliver(siaga.base, message(message_id, title="Uji: Siaga 112"))
    expect(phone.see('[data-part="wake-told"]')).to_contain_text("Berhasil")
    expect(phone.see('[data-part="wake-words"]')).to_contain_text("Terakhir sampai")


def test_an_endpoint_that_is_gone_is_subscribed_anew(phone, database):
    wake(phone)
    (old,) = database.ringing()
    database.ask("UPDATE push_subscriptions SET gone_at = ? WHERE gone_at IS NULL", datetime.now(UTC).isoformat(" "))
    phone.page.reload()
    expect(phone.see("#wake")).to_have_attribute("data-state", "on")
    (new,) = database.ringing()
    assert new != old
    database.ask("UPDATE push_subscriptions SET gone_at = ? WHERE gone_at IS NULL", datetime.now(UTC).isoformat(" "))
    phone.page.context.add_init_script("window.refusesToSubscribe = true")
    phone.page.reload()
    expect(phone.see("#wake")).to_have_attribute("data-state", "broken")
    expect(phone.see("#wake-offer")).to_contain_text("tidak lagi dibangunkan")
    expect(phone.see('[data-part="wake-told"]')).to_have_text("Layanan notifikasi menolak ponsel ini.")
    phone.page.evaluate("window.refusesToSubscribe = false")
    phone.see('#wake-offer [data-wake="on"]').tap()
    expect(phone.see("#wake")).to_have_attribute("data-state", "on")
    assert len(database.ringing()) == 1


def test_signing_out_ends_it(phone, database):
    wake(phone)
    phone.see("#sign-out button").tap()
    phone.page.wait_for_url("**/sign-in**")
    assert database.ringing() == []


def test_whoever_signs_in_next_on_the_telephone_is_woken_instead(phone, database, siaga):
    wake(phone)
    with Session(siaga, "psc119") as session:
        cookies = [{"name": one.name, "value": one.value, "url": siaga.base} for one in session.session.cookies]
    phone.page.context.add_cookies(cookies)
    phone.page.reload()
    expect(phone.see("#wake")).to_have_attribute("data-state", "on")
    rows = database.ask(
        "SELECT username FROM push_subscriptions JOIN users ON users.id = user_id WHERE gone_at IS NULL"
    )
    assert rows == [("psc119",)]


CHANGES = """async ([old, signedIn]) => {
  if (!signedIn) globalThis.fetch = async () => new Response("{}", { status: 401 });
  const made = (endpoint) => ({
    endpoint,
    toJSON: () => ({ endpoint, keys: { p256dh: "B" + "A".repeat(86), auth: "A".repeat(22) } }),
  });
  const event = new ExtendableEvent("pushsubscriptionchange");
  Object.assign(event, { oldSubscription: made(old), newSubscription: made(old + "-changed") });
  dispatchEvent(event);
}"""


def test_the_worker_tells_that_the_browser_has_changed_its_subscription(phone, database):
    wake(phone)
    (old,) = database.ringing()
    worker = phone.page.context.service_workers[0]
    worker.evaluate(CHANGES, [old, True])
    until(lambda: database.ringing() == [f"{old}-changed"] or phone.page.wait_for_timeout(50))
    worker.evaluate(CHANGES, [f"{old}-changed", False])
    until(lambda: [one[0] for one in shown(phone)] == ["Siaga 112"] or phone.page.wait_for_timeout(50))
    assert database.ringing() == [f"{old}-changed"]


def test_without_signal_the_page_says_so_and_keeps_nothing_of_anybody(phone, siaga):
    wake(phone)
    phone.page.reload()
    phone.page.evaluate("navigator.serviceWorker.ready")
    kept = phone.page.evaluate(
        """async () => { const found = [];
        for (const name of await caches.keys()) for (const one of await (await caches.open(name)).keys())
          found.push(new URL(one.url).pathname);
        return found.sort(); }"""
    )
    assert kept == [
        "/agency/offline", "/static/css/agency.css", "/static/css/siaga.css", "/static/js/core/theme.js"
    ]  # fmt: skip
    phone.witness.expect_no_network()
    phone.witness.expect("ERR_FAILED", "Failed to load resource")
    phone.page.context.set_offline(True)
    phone.page.goto(f"{siaga.base}/agency/7")
    expect(phone.page.locator("h1")).to_have_text("Tidak ada sinyal")
    expect(phone.page.locator("a.next-step")).to_have_attribute("href", "tel:112")
    assert phone.page.evaluate("getComputedStyle(document.querySelector('.next-step')).minHeight") == "72px"
    phone.page.context.set_offline(False)


STATES = {
    "denied": ("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })", "Notifikasi diblokir"),
    "unable": ("delete window.PushManager", "Peramban ini tidak dapat dibangunkan"),
    "insecure": ("Object.defineProperty(window, 'isSecureContext', { get: () => false })", "https"),
    "install": (
        "delete window.PushManager; Object.defineProperty(navigator, 'userAgent', { get: () => 'iPhone' })",
        "Tambah ke Layar Utama",
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_what_stands_in_the_way_is_said(people, state):
    script, words = STATES[state]
    phone = people.responder("damkar", before=[SUBSCRIBES, script])
    expect(phone.see("#wake")).to_have_attribute("data-state", state)
    expect(phone.see('[data-part="wake-words"]')).to_contain_text(words)
    expect(phone.see("#wake-on")).to_be_hidden()
    expect(phone.see("#wake-offer")).to_be_hidden()


def test_it_fits_both_telephones_in_both_languages(phone):
    wake(phone)
    phone.see('[data-wake="off"]').tap()
    expect(phone.see("#wake")).to_have_attribute("data-state", "off")
    assert at_every_size(phone, PHONE_SIZES) == {}
    for language in ("en", "id"):
        in_language(language, phone)
        expect(phone.see("#wake")).to_have_attribute("data-state", "off")
        assert foreign(phone, language) == []
