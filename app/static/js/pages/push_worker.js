// Runs in the browser while none of our pages is open: shows what 112 has sent, and says that it was shown. Browsers
// take the permission away from a worker that shows nothing, so something is always shown.
(() => {
  "use strict";
  const worker = /** @type {any} */ (self); // a worker's scope; the page's types do not know it
  const AGAIN_MS = 5000;

  /** @param {any} data what came with the message */
  function read(data) {
    try {
      return data.json();
    } catch {
      return {};
    }
  }

  /**
   * Tell that a message was shown or opened; tried twice, because the network has just been woken too.
   * @param {string | undefined} receipt
   * @param {"shown" | "opened"} what
   */
  async function tell(receipt, what) {
    if (!receipt) return;
    const post = () => fetch(`${receipt}/${what}`, { method: "POST", credentials: "omit" });
    try {
      await post();
    } catch {
      await new Promise((later) => setTimeout(later, AGAIN_MS));
      await post().catch(() => undefined);
    }
  }

  /** @param {any} told */
  async function show(told) {
    const notice = told.notification || {};
    await worker.registration.showNotification(notice.title || "Siaga 112", {
      body: notice.body || "",
      tag: notice.tag || "siaga112",
      lang: notice.lang || "id",
      renotify: true,
      requireInteraction: notice.requireInteraction !== false,
      vibrate: [400, 150, 400, 150, 600],
      data: { navigate: notice.navigate || "/agency", receipt: told.receipt },
    });
    await tell(told.receipt, "shown");
  }

  /** @param {any} data of the notification that was tapped */
  async function open(data) {
    const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
    const there = pages.find(
      (/** @type {any} */ page) => page.url === new URL(data.navigate, worker.location.href).href,
    );
    if (there) await there.focus();
    else await worker.clients.openWindow(data.navigate);
  }

  worker.addEventListener("push", (/** @type {any} */ event) => event.waitUntil(show(read(event.data))));
  worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
    event.notification.close();
    const { data } = event.notification;
    event.waitUntil(Promise.all([open(data).catch(() => undefined), tell(data.receipt, "opened")]));
  });
})();
