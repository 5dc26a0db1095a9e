// What the scripts share beside what the server answers (payloads.d.ts).
import type { AgencyTicket, Assignment, CallbackLine, Event, Ticket } from "./payloads.d.ts";

declare global {
  interface Window {
    /** Whole seconds for which nobody has touched this page (core/session-idle.js). */
    siagaIdle?: () => number;
  }
}

/** What the order of events needs of one. */
export type Numbered = Pick<Event, "seq" | "prev">;

/** How the link to the server stands; `since`: milliseconds of performance.now(). */
export interface LinkStatus {
  state: "connecting" | "connected" | "reconnecting" | "disconnected" | "catching_up";
  since: number;
  missed: number;
}

/** A write that waits for the server; when it is refused, the later ones of its group are dropped with it. */
export interface QueuedWrite {
  path: string;
  body: object;
  requestId: string;
  group: string | null;
  at: number;
}

/** What a browser keeps of what was typed; of two with one key the newer counts. */
export interface KeptRecord {
  key: string;
  owner: number;
  at: number;
}

/** A journal entry as the centre's people receive it. */
export interface CentreEvent extends Omit<Event, "ticket"> {
  ticket: Ticket | null;
}

/** A journal entry as an agency receives it. */
export interface AgencyEvent extends Omit<Event, "ticket"> {
  ticket: AgencyTicket | null;
}

/** A line of the callback list as lists know it: by a key of its own; `phone` is the caller's number. */
export interface CallbackRow extends Omit<CallbackLine, "number"> {
  number: string;
  phone: string | null;
}

/** The callback list; `numbers` are the callers' numbers in it. */
export interface CallbackRows {
  items: CallbackRow[];
  total: number;
  numbers: Set<string>;
}

/** What of the city's policy decides here. */
export interface Policy {
  /** Longer than this nobody talks: the end of the call was lost. */
  stale_talk_s?: number;
}

/** How long a clock has run, as lists compare it. */
export interface RunningClock {
  started_at: string | null;
  due_at: string;
}

/** What of a ticket a need shows; a callback has no ticket of its own. */
export type NeedTicket = Pick<Ticket, "number" | "short" | "priority" | "type" | "place" | "calls" | "assignments"> &
  Partial<Pick<Ticket, "opened_at">>;

/** Something that needs the operator; the smaller the rank, the more urgent. */
export interface Need {
  kind: "late" | "declined" | "callback" | "unowned" | "unfinished" | "uncertain" | "slow" | "verify";
  rank: number;
  ticket: NeedTicket;
  assignments: Assignment[];
  clock: RunningClock | null;
  callback?: CallbackRow;
}

/** A step of an assignment that waits on this phone. */
export interface WaitingStep {
  command: string;
  occurred_at: string;
}
