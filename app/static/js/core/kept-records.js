// Records {key, at, ...} that this browser keeps of what was typed: in localStorage at once, and in IndexedDB with
// strict durability, because Chromium writes the former to the disk only seconds later.

/** @typedef {import("../types.d.ts").KeptRecord} KeptRecord */
/**
 * @template {KeptRecord} R
 * @typedef {{all(): Promise<R[]>, change(key: string, record: R | null): void, idle(): Promise<void>}} Disk
 */

/**
 * name: the database; prefix: how each key begins. Returns {all(), write(record), erase(key), idle()}.
 * @template {KeptRecord} R
 * @param {string} name
 * @param {string} prefix
 */
export function keepRecords(name, prefix) {
  /** @type {Disk<R>} */
  const disk = openDisk(name);
  return {
    /** Every record there is; of two with one key the newer. */
    async all() {
      /** @type {R[]} */
      const stored = readAll(prefix);
      const found = new Map(stored.map((record) => [record.key, record]));
      for (const record of await disk.all())
        if ((found.get(record.key)?.at ?? -1) < record.at) found.set(record.key, record);
      return [...found.values()];
    },
    /** @param {R} record */
    write(record) {
      storage((kept) => kept.setItem(record.key, JSON.stringify(record)));
      disk.change(record.key, record);
    },
    /** @param {string} key */
    erase(key) {
      storage((kept) => kept.removeItem(key));
      disk.change(key, null);
    },
    idle: disk.idle,
  };
}

/** @param {(kept: Storage) => void} use */
function storage(use) {
  try {
    return use(localStorage);
  } catch {
    return null; // switched off or full: IndexedDB still has it
  }
}

/**
 * @template {KeptRecord} R
 * @param {string} prefix
 */
function readAll(prefix) {
  /** @type {R[]} */
  const records = [];
  storage((kept) => {
    for (const key of Object.keys(kept).filter((name) => name.startsWith(prefix))) {
      try {
        records.push(JSON.parse(kept.getItem(key) ?? "null"));
      } catch {
        kept.removeItem(key);
      }
    }
  });
  return records;
}

/**
 * Records in IndexedDB; of many changes that wait only the newest of each record is written.
 * @template {KeptRecord} R
 * @param {string} name
 * @returns {Disk<R>}
 */
function openDisk(name) {
  /** @type {Map<string, R | null>} null: to be erased */
  const waiting = new Map();
  /** @type {Promise<void> | null} */
  let running = null;
  /** @type {Promise<IDBDatabase | null>} */
  const opened = new Promise((done) => {
    try {
      const asked = indexedDB.open(name, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", { keyPath: "key" });
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => done(null);
      setTimeout(() => done(null), 1500);
    } catch {
      done(null);
    }
  });
  /** @param {IDBTransaction} transaction */
  const finished = (transaction) =>
    new Promise((done) => {
      transaction.oncomplete = transaction.onerror = transaction.onabort = done;
    });
  async function run() {
    const database = await opened;
    while (waiting.size) {
      const batch = new Map(waiting);
      waiting.clear();
      if (!database) continue;
      try {
        const transaction = database.transaction("drafts", "readwrite", { durability: "strict" });
        const table = transaction.objectStore("drafts");
        for (const [key, record] of batch) record ? table.put(record) : table.delete(key);
        await finished(transaction);
      } catch (problem) {
        console.warn("typed text is not on the disk:", String(problem));
      }
    }
    running = null;
  }
  /**
   * @param {string} key
   * @param {R | null} record
   */
  const change = (key, record) => {
    waiting.set(key, record);
    running ??= run();
  };
  return {
    change,
    idle: () => running ?? Promise.resolve(),
    /** @returns {Promise<R[]>} */
    async all() {
      const database = await opened;
      if (!database) return [];
      return new Promise((done) => {
        const asked = database.transaction("drafts").objectStore("drafts").getAll();
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => done([]);
      });
    },
  };
}
