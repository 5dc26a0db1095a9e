// What the scripts share beside what the server answers (payloads.d.ts).
import type {
  AgencySnapshot,
  AgencyTicket,
  AgencyTicketWithTimeline,
  Assignment,
  CallbackLine,
  Card,
  Catalogue,
  CentreSnapshot,
  Event,
  Held,
  KnownReason,
  LeaderOverview,
  NumberFlags,
  Reads,
  Rosters,
  Ticket,
  TicketWithTimeline,
  WallSnapshot,
  Writes,
} from "./payloads.d.ts";

declare global {
  interface Window {
    /** Whole seconds for which nobody has touched this page (core/session-idle.js). */
    siagaIdle?: () => number;
  }
  /** What protomaps-leaflet sets (map/map-tiles.js). Its own types lose that its layer is one of Leaflet's. */
  var protomapsL: Pick<typeof import("protomaps-leaflet"), "PmtilesSource"> & {
    leafletLayer(options: Parameters<typeof import("protomaps-leaflet").leafletLayer>[0]): import("leaflet").GridLayer;
  };
}

/** The element that a selector finds: by the tag that its last part begins with (`select#seat`, `form button`). */
export type Found<S extends string> = S extends `${string} ${infer Last}`
  ? Found<Last>
  : S extends keyof HTMLElementTagNameMap
    ? HTMLElementTagNameMap[S]
    : S extends `${infer Tag extends keyof HTMLElementTagNameMap}${"#" | "." | "[" | ":"}${string}`
      ? HTMLElementTagNameMap[Tag]
      : S extends keyof SVGElementTagNameMap | `${keyof SVGElementTagNameMap}${"#" | "." | "[" | ":"}${string}`
        ? SVGElement
        : HTMLElement;

/** An address as scripts write it: anything may stand where the server's name of it has `{...}`. */
type Written<A extends string> = A extends `${infer Before}{${string}}${infer After}`
  ? `${Before}${string}${Written<After>}`
  : A;

/** Which of the server's addresses a path is; one with more parts is another. */
type AddressOf<P extends string, Table> = {
  [A in keyof Table & string]: P extends `${Written<A>}/${string}`
    ? never
    : P extends Written<A> | `${Written<A>}?${string}`
      ? A
      : never;
}[keyof Table & string];

export type ReadPath = Written<keyof Reads> | `${Written<keyof Reads>}?${string}`;
export type WritePath = Written<keyof Writes>;
type Read<P extends string> = Reads[AddressOf<P, Reads>];
type Answered<P extends string> = Writes[AddressOf<P, Writes>]["answered"];
/** What POST to this path has to be sent. */
export type Sent<P extends string> = Writes[AddressOf<P, Writes>]["sent"];

type OfCentre = CentreSnapshot | Ticket | TicketWithTimeline;
type OfAgency = AgencySnapshot | AgencyTicket | AgencyTicketWithTimeline;
/** An answer without the cut of a ticket that only others receive. */
type Without<Others, T> = T extends Others ? never : { [K in keyof T]: Exclude<T[K], Others> };
/** What whoever works in the centre is answered. */
export type CentreRead<P extends string> = Without<OfAgency, Read<P>>;
export type CentreAnswer<P extends string> = Without<OfAgency, Answered<P>>;
/** What an agency is answered: its own cut of a ticket. */
export type AgencyRead<P extends string> = Without<OfCentre, Read<P>>;
export type AgencyAnswer<P extends string> = Without<OfCentre, Answered<P>>;

/** The city as maps begin with it. */
export interface CityView {
  name: string;
  centre: [lat: number, lon: number];
  bbox: Record<"south" | "west" | "north" | "east", number>;
}

/** The data blocks of the pages, by id. A page that may lack one says so. */
export interface PageData {
  snapshot: CentreSnapshot | AgencySnapshot | WallSnapshot;
  catalogue: Catalogue;
  city: CityView;
  cards: Card[];
  keys: Record<string, string>;
  seats: { code: string; name: string; extension: string }[];
  session: { expires_at: string | null };
  ticket: AgencyTicket | null;
  "decline-reasons": KnownReason[];
  flags: NumberFlags;
  held: Held;
  rosters: Rosters;
  areas: Record<string, { code: string; name: string | null }[]>;
  leader: LeaderOverview;
  newest: number;
  epoch: string | null;
  person: number;
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
  epoch?: string | null;
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

/** The callback list; `numbers` are the callers' numbers in it. */
export interface CallbackRows {
  items: CallbackLine[];
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

/** A ticket that needs the operator; the smaller the rank, the more urgent. */
export interface TicketNeed {
  kind: "nobody" | "unreached" | "late" | "declined" | "unowned" | "unfinished" | "uncertain" | "slow" | "verify";
  rank: number;
  ticket: Ticket;
  assignments: Assignment[];
  clock: RunningClock | null;
}

/** A number that is to be called back. */
export interface CallbackNeed {
  kind: "callback";
  rank: number;
  clock: RunningClock;
  callback: CallbackLine;
}

/** Something that needs the operator. */
export type Need = TicketNeed | CallbackNeed;

/** A step of an assignment that waits on this phone. */
export interface WaitingStep {
  command: string;
  occurred_at: string | null;
}
