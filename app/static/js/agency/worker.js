// The agency page's service worker: shows what is pushed while the page is closed, tells the centre that it came and
// that it was opened, and opens the task. It keeps the shell for a page that cannot be loaded, and nothing of anybody.
import { calledBy, readPush } from "./pushed.js";

/** @typedef {import("./worker.d.ts").WorkerScope} WorkerScope */
const worker = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));

const SHELL = "siaga-shell-1";
const OFFLINE = "/agency/offline";
const RECEIPT_TRIES_MS = [0, 1500, 6000];
const SUBSCRIBE_WORDS = "Buka Siaga 112 sekali agar perangkat ini dapat dibangunkan lagi.";

worker.addEventListener("install", (event) => {
  event.waitUntil(fillShell().then(() => worker.skipWaiting()));
});
worker.addEventListener("activate", (event) => {
  event.waitUntil(dropOldShells().then(() => worker.clients.claim()));
});
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => kept(OFFLINE)));
  else if (isOfShell(request)) event.respondWith(fetch(request).catch(() => kept(request.url)));
});
worker.addEventListener("push", (event) => event.waitUntil(show(event)));
worker.addEventListener("notificationclick", (event) => {
  const { data } = event.notification;
  event.notification.close();
  event.waitUntil(Promise.all([open(data), tellCentre(data?.receipt, "opened")]));
});
worker.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(subscribeAnew(event)));

async function fillShell() {
  const cache = await caches.open(SHELL);
  const page = await fetch(OFFLINE, { credentials: "omit", cache: "reload" });
  if (!page.ok) throw new Error(`HTTP ${page.status}`);
  const styles = [...(await page.clone().text()).matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map(([, path]) => path);
  await cache.put(OFFLINE, page);
  await cache.addAll(styles.map((path) => new Request(path, { cache: "reload" })));
}

async function dropOldShells() {
  for (const name of await caches.keys())
    if (name.startsWith("siaga-shell-") && name !== SHELL) await caches.delete(name);
}

/** @param {Request} request */
const isOfShell = ({ url, referrer }) =>
  /^\/static\/(css|js\/core|vendor\/inter)\//.test(new URL(url).pathname) &&
  new URL(referrer || url).pathname.startsWith("/agency");

/** @param {string} address */
async function kept(address) {
  return (await caches.match(address, { ignoreSearch: true })) ?? Response.error();
}

/** @param {import("./worker.d.ts").PushEvent} event */
async function show(event) {
  const { title, options } = readPush(event.data?.text(), event.notification);
  const pages = await ourPages();
  const inFront = pages.find((page) => page.visibilityState === "visible");
  // A browser that is shown nothing takes the permission back: a page in front gets a quiet one, and takes it away.
  await worker.registration.showNotification(title, inFront ? quiet(options) : options);
  const { receipt, ...data } = options.data;
  for (const page of pages) page.postMessage({ siaga: "pushed", title, body: options.body, tag: options.tag, ...data });
  const told = await tellCentre(receipt, "shown");
  for (const page of pages) page.postMessage({ siaga: "receipt", told });
}

/** @param {import("./pushed.js").Shown["options"]} options */
const quiet = (options) => ({
  ...options,
  silent: true,
  renotify: false,
  requireInteraction: false,
  vibrate: undefined,
});

const ourPages = () => worker.clients.matchAll({ type: "window", includeUncontrolled: true });

/**
 * Say what became of a message; its address is the proof, and no cookie goes along.
 * @param {string | undefined} receipt
 * @param {"shown" | "opened"} what
 */
async function tellCentre(receipt, what) {
  if (!receipt) return false;
  for (const wait of RECEIPT_TRIES_MS) {
    if (wait) await new Promise((done) => setTimeout(done, wait));
    try {
      const answer = await fetch(`${receipt}/${what}`, { method: "POST", credentials: "omit", keepalive: true });
      if (answer.ok) return true;
      if (answer.status < 500) return false;
    } catch {
      // No network at this moment: once more.
    }
  }
  return false;
}

/**
 * A page of ours that is open goes there; otherwise a new one opens, by the link that needs no sign-in where there is one.
 * @param {import("./pushed.js").Shown["options"]["data"] | undefined} data
 */
async function open(data) {
  const page = data?.page ?? "/";
  const windows = (await ourPages()).filter(({ url }) => calledBy(url, page));
  const window = windows.find((one) => one.visibilityState === "visible") ?? windows[0];
  if (window) {
    try {
      const focused = await window.focus();
      return focused.postMessage({ siaga: "open", page });
    } catch {
      // It cannot be brought to the front: a new one can.
    }
  }
  await worker.clients.openWindow(data?.link ?? page).catch(() => null);
}

/**
 * The browser has changed its subscription: the centre has to know the new one. Where nobody is signed in any more the
 * person is asked to open the page, which sees to it.
 * @param {import("./worker.d.ts").SubscriptionChangeEvent} event
 */
async function subscribeAnew(event) {
  const old = event.oldSubscription;
  try {
    const options = old?.options ?? (await worker.registration.pushManager.getSubscription())?.options;
    const subscription =
      event.newSubscription ??
      (await worker.registration.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: options?.applicationServerKey,
      }));
    const me = await (await fetch("/api/v1/me", { headers: { Accept: "application/json" } })).json();
    const { endpoint, keys } = subscription.toJSON();
    const answer = await fetch("/api/v1/browsers", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": me.form_token, Accept: "application/json" },
      body: JSON.stringify({ endpoint, ...keys, ...(old ? { replaces: old.endpoint } : {}) }),
    });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  } catch {
    await worker.registration.showNotification("Siaga 112", {
      body: SUBSCRIBE_WORDS,
      tag: "subscribe",
      data: { page: "/agency" },
    });
  }
}
