// Lets this phone ring while the page is closed. A permission that was given is made good at every load, because
// browsers drop subscriptions without a word; where none was asked for yet, a button offers it.
import { post } from "../core/api.js";
import { find } from "../core/dom.js";

/** Ask nothing by itself: browsers take a question that nobody has asked for as a nuisance. */
export async function keepPush() {
  const offer = find("button#push-offer");
  const key = offer?.dataset.key;
  if (!offer || !key || !("serviceWorker" in navigator) || !("PushManager" in window)) return;
  const worker = await navigator.serviceWorker.register("/push-worker.js");
  if (Notification.permission === "granted") await subscribe(worker, key);
  offer.hidden = Notification.permission !== "default";
  offer.addEventListener("click", async () => {
    const answer = await Notification.requestPermission();
    offer.hidden = answer !== "default";
    if (answer === "granted") await subscribe(worker, key);
  });
}

/**
 * @param {ServiceWorkerRegistration} worker
 * @param {string} key
 */
async function subscribe(worker, key) {
  await navigator.serviceWorker.ready;
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = made.toJSON();
  if (!endpoint || !keys) return;
  await post("/api/v1/push-subscription", { endpoint, p256dh: keys.p256dh ?? "", auth: keys.auth ?? "" });
}
