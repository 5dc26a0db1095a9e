// Talk to /api/v1: the CSRF header, a request id for every write, errors as objects; and the queue that keeps writes
// while the server cannot be reached and sends each of them once, under the id it was given at the beginning.

const TIMEOUT_MS = 8000;
const KEEP_MS = 24 * 3600 * 1000; // a write nobody could send for a day is no longer wanted
const UNREACHABLE = new Set([502, 503, 504]);
const BUSY_TRIES = 4; // the server asked to wait (Retry-After); so often it is asked again

/**
 * @typedef {import("../types.d.ts").QueuedWrite} QueuedWrite
 * @typedef {() => Record<string, string>} Headers made anew for each try
 * @typedef {{requestId?: string, signal?: AbortSignal, keepalive?: boolean, epoch?: string | null}} WriteOptions
 * @typedef {import("../types.d.ts").ReadPath} ReadPath
 * @typedef {import("../types.d.ts").WritePath} WritePath
 */
/**
 * @template {WritePath} P
 * @typedef {import("../types.d.ts").Sent<P>} Sent what a path has to be sent
 */

/** The server said no. `code`, `details` and `allowed` are its own; `message` is in the user's language. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {Partial<import("../payloads.d.ts").ErrorBody>} [error]
   */
  constructor(status, { code = "unknown", message = "", details = {}, allowed = [] } = {}) {
    super(message || code);
    this.status = status;
    this.code = code;
    this.details = details;
    this.allowed = allowed;
  }
}

/**
 * What a failed attempt says to the user.
 * @param {unknown} problem
 */
export const messageOf = (problem) => (problem instanceof Error ? problem.message : String(problem));

/** The server said nothing: no network, no answer in time, or a proxy answering for it. */
export class Unreachable extends Error {}

export const newRequestId = () =>
  crypto.randomUUID?.() ??
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

/** @returns {HTMLMetaElement | null} */
const formToken = () => document.querySelector('meta[name="csrf-token"]');

/** @type {string | null} */
let pageOf = null;

/**
 * Say whose page this is: whatever it sends after somebody else has signed in here is refused, and counts as nobody's.
 * @param {number} personId
 */
export function sendAs(personId) {
  pageOf = String(personId);
}

/** @type {string | null} */
let presentEpoch = null;

/**
 * Say in which epoch of the database this page works: what is written in another one, for something that is not there
 * any more, is refused and never done to whatever has got its number.
 * @param {string | null} epoch
 */
export function workIn(epoch) {
  presentEpoch = epoch;
}

/** In which epoch this page works; null while that is unknown. */
export const epochNow = () => presentEpoch;

/**
 * Pages ask by themselves too: for how long nobody has touched this one decides when its session goes idle.
 * @returns {Record<string, string>}
 */
const untouched = () => (window.siagaIdle ? { "X-Siaga-Idle": String(window.siagaIdle()) } : {});

/** @returns {Record<string, string>} */
const aboutThisPage = () => ({ ...untouched(), ...(pageOf === null ? {} : { "X-Siaga-Page-Of": pageOf }) });

/**
 * Who is signed in in this browser now: the answer of /api/v1/me, null for nobody. Throws Unreachable.
 * @returns {Promise<import("../payloads.d.ts").SignedIn | null>}
 */
export async function whoIsHere() {
  let answer;
  try {
    answer = await fetch("/api/v1/me", {
      credentials: "same-origin",
      headers: { Accept: "application/json", ...untouched() },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (problem) {
    throw new Unreachable(String(problem));
  }
  if (answer.status === 401) return null;
  if (!answer.ok) throw new Unreachable(`HTTP ${answer.status}`);
  return answer.json();
}

/**
 * Take over the form token of a new session, for writes and for the page's plain forms.
 * @param {string} token
 */
export function renewFormToken(token) {
  const meta = formToken();
  if (meta) meta.content = token;
  /** @type {NodeListOf<HTMLInputElement>} */
  const fields = document.querySelectorAll('input[name="csrf_token"]');
  for (const field of fields) field.value = token;
}

/** The page's form token is worth nothing: its person has signed out and in again. Was it renewed? */
async function formTokenRenewed() {
  const me = await whoIsHere();
  if (!me?.form_token || (pageOf !== null && String(me.id) !== pageOf)) return false;
  renewFormToken(me.form_token);
  return true;
}

/**
 * Ask; where the server says that this user asks for too much at once, wait as long as it says and ask again.
 * @param {string} path
 * @param {Omit<RequestInit, "headers"> & {headers: Headers}} options
 * @param {{tries?: number, renew?: boolean}} [again]
 */
async function call(path, { headers, ...options }, { tries = BUSY_TRIES, renew = true } = {}) {
  const stop = AbortSignal.timeout(TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, stop]) : stop;
  let answer;
  try {
    answer = await fetch(path, {
      credentials: "same-origin",
      ...options,
      headers: { ...headers(), ...aboutThisPage() },
      signal,
    });
  } catch (problem) {
    if (options.signal?.aborted) throw problem;
    throw new Unreachable(String(problem));
  }
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  if (body.error?.code === "busy" && tries > 1) {
    const seconds = (Number(answer.headers.get("Retry-After")) || 1) * (1 + Math.random()); // not all tabs at once
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    options.signal?.throwIfAborted();
    return call(path, { headers, ...options }, { tries: tries - 1, renew });
  }
  if (UNREACHABLE.has(answer.status) && body.error?.code === undefined) throw new Unreachable(`HTTP ${answer.status}`);
  if (body.error?.code === "form_expired" && renew && (await formTokenRenewed()))
    return call(path, { headers, ...options }, { tries, renew: false });
  if (answer.status === 401) document.dispatchEvent(new CustomEvent("siaga:signed-out"));
  throw new ApiError(answer.status, body.error);
}

/**
 * Read; `signal` stops it early.
 * @template {ReadPath} P
 * @param {P} path
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<import("../types.d.ts").CentreRead<P>>}
 */
export const get = (path, { signal } = {}) => read(path, signal);

/**
 * The same from a page of an agency: whoever is signed in there is answered an agency's cut of a ticket.
 * @template {ReadPath} P
 * @param {P} path
 * @returns {Promise<import("../types.d.ts").AgencyRead<P>>}
 */
export const getForAgency = (path) => read(path);

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
const read = (path, signal) => call(path, { signal, headers: () => ({ Accept: "application/json" }) });

/**
 * Write once; a retry must use the same `requestId`. A path that takes no body is sent an empty one. `epoch`: in which it
 * was typed, where that may be another one than the present.
 * @template {WritePath} P
 * @param {P} path
 * @param {Sent<P>} [body]
 * @param {WriteOptions} [options]
 * @returns {Promise<import("../types.d.ts").CentreAnswer<P>>}
 */
export const post = (path, body, options) => write(path, body, options);

/**
 * The same from a page of an agency.
 * @template {WritePath} P
 * @param {P} path
 * @param {Sent<P>} [body]
 * @param {WriteOptions} [options]
 * @returns {Promise<import("../types.d.ts").AgencyAnswer<P>>}
 */
export const postForAgency = (path, body, options) => write(path, body, options);

/**
 * @param {string} path
 * @param {object} [body]
 * @param {WriteOptions} [options]
 */
function write(path, body = {}, { requestId = newRequestId(), signal, keepalive = false, epoch = presentEpoch } = {}) {
  const headers = () => ({
    "Content-Type": "application/json",
    Accept: "application/json",
    "X-CSRFToken": formToken()?.content ?? "",
    "Idempotency-Key": requestId,
    ...(epoch ? { "X-Siaga-Epoch": epoch } : {}),
  });
  return call(path, { method: "POST", headers, body: JSON.stringify(body), signal, keepalive });
}

/**
 * Writes in the order they were made. While the server is out of reach they wait in this browser (they hold what a
 * caller said, so they are kept under the user's id and removed as soon as they were answered).
 * onChange(waiting), onSent(entry, answer), onRefused(entry, error): `entry` is {path, body, requestId, group, at}.
 * When an entry is refused, the later ones of its group are dropped with it.
 * @template {object} A what all of these writes are answered
 */
export class WriteQueue {
  /**
   * @param {object} options
   * @param {number} options.owner
   * @param {(waiting: number) => void} [options.onChange]
   * @param {(entry: QueuedWrite, answer: A) => void} [options.onSent]
   * @param {(entry: QueuedWrite, error: unknown) => void} [options.onRefused]
   */
  constructor({ owner, onChange = () => {}, onSent = () => {}, onRefused = () => {} }) {
    this.key = `siaga.queue.${owner}`;
    this.onChange = onChange;
    this.onSent = onSent;
    this.onRefused = onRefused;
    this.busy = false;
    this.stored = true;
    /** @type {QueuedWrite[]} */
    this.entries = [];
    this.entries = this.#load();
    window.addEventListener("online", () => this.flush());
    setInterval(() => this.entries.length && this.flush(), 5000);
    if (this.entries.length) queueMicrotask(() => this.flush());
  }

  get waiting() {
    return this.entries.length;
  }

  /**
   * Does something wait that concerns this path (a ticket, an assignment)?
   * @param {string} path
   */
  holds(path) {
    return this.entries.some((entry) => entry.path.startsWith(path));
  }

  /**
   * Send now, or keep it for later: resolves to the answer, or to null when it waits; a refusal is thrown.
   * @template {WritePath} P
   * @param {P} path
   * @param {Sent<P>} [body]
   * @param {{group?: string | null, requestId?: string, epoch?: string | null}} [options]
   * @returns {Promise<A | null>}
   */
  async send(path, body, { group = null, requestId = newRequestId(), epoch = presentEpoch } = {}) {
    const entry = { path, body: body ?? {}, requestId, group, at: Date.now(), epoch };
    if (this.entries.length === 0) {
      try {
        return await write(path, body, { requestId, epoch });
      } catch (problem) {
        if (!shouldWait(problem)) throw problem;
      }
    }
    this.entries.push(entry);
    this.#save();
    return null;
  }

  /** Try what waits, oldest first; stops at the first that still cannot be sent. */
  async flush() {
    if (this.busy || !this.entries.length) return;
    this.busy = true;
    try {
      // Two tabs of one browser share the storage: the lock keeps them from sending side by side.
      if (navigator.locks) await navigator.locks.request(this.key, () => this.#sendAll());
      else await this.#sendAll();
    } finally {
      this.busy = false;
    }
  }

  async #sendAll() {
    if (this.stored) this.entries = this.#load(); // the other tab may have sent some
    while (this.entries.length) {
      const [entry] = this.entries;
      try {
        const answer = await write(entry.path, entry.body, { requestId: entry.requestId, epoch: entry.epoch });
        this.#drop((other) => other.requestId === entry.requestId);
        this.onSent(entry, answer);
      } catch (problem) {
        if (shouldWait(problem)) return;
        this.#drop((other) => other.requestId === entry.requestId || (entry.group && other.group === entry.group));
        this.onRefused(entry, problem);
      }
    }
  }

  /** @param {(entry: QueuedWrite) => unknown} matches */
  #drop(matches) {
    this.entries = this.entries.filter((entry) => !matches(entry));
    this.#save();
  }

  #save() {
    try {
      if (this.entries.length) localStorage.setItem(this.key, JSON.stringify(this.entries));
      else localStorage.removeItem(this.key);
      this.stored = true;
    } catch (problem) {
      this.stored = false;
      console.warn("writes wait in this page only:", String(problem));
    }
    this.onChange(this.entries.length);
  }

  /** @returns {QueuedWrite[]} */
  #load() {
    try {
      /** @type {QueuedWrite[]} */
      const kept = JSON.parse(localStorage.getItem(this.key) ?? "[]");
      return kept.filter((entry) => Date.now() - entry.at < KEEP_MS);
    } catch {
      return this.entries; // storage is off or was cut short: what this page holds is all there is
    }
  }
}

/**
 * No answer, storage that failed (nothing was written), or a session that ended (the same user can sign in again).
 * @param {unknown} problem
 */
const shouldWait = (problem) =>
  problem instanceof Unreachable || (problem instanceof ApiError && [401, 503].includes(problem.status));
