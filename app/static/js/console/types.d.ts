// What the scripts of the console share beside what the server answers.
import type {
  Assignment,
  Done,
  Entry,
  PlaceCandidate,
  Priority,
  ProposedAgency,
  QuestionAnswer,
  Ticket,
  TicketWithTimeline,
} from "../payloads.d.ts";

/** A type that is chosen; `saved`: as the ticket has it. */
export interface ChosenType {
  code: string;
  byHand: boolean;
  saved?: boolean;
}

type FoundPlace = Pick<PlaceCandidate, "key" | "name" | "kelurahan_code" | "kelurahan" | "kecamatan" | "lat" | "lon">;

/**
 * A place in the list: what the server has understood, what the ticket has (`saved`), a point that a hand has chosen on
 * the map (`pin`; `moved` there from elsewhere), or where the caller's telephone is (`sip`, `link`). `text`: what is sent
 * for its name, where that is another.
 */
export interface ListedPlace extends FoundPlace, Partial<Omit<PlaceCandidate, keyof FoundPlace | "kind">> {
  kind: PlaceCandidate["kind"] | "saved" | "pin" | "sip" | "link";
  text?: string | null;
  byHand?: boolean;
  saved?: boolean;
  moved?: boolean;
}

/** What a hand has done for a ticket besides typing, and the ticket does not have yet. */
export type DraftChoices = {
  type?: ChosenType;
  place?: ListedPlace;
  priorityByHand?: Priority;
  ticks?: Record<string, boolean>;
  added?: string[];
  half?: Record<string, string>;
  silent?: boolean;
};

/** An agency that an answer of the question card proposes; `at`: when it was answered. */
export interface AnsweredAgency {
  code: string;
  at: string;
  reason_id: string;
  reason_en: string;
}

/** How one sets a call aside with one key. */
export type Nuisance = "prank" | "ghost" | "information" | "wrong_number" | "dropped";

/** What a command on a ticket or on an assignment is answered. */
export type Answered = Omit<Done, "ticket"> & { ticket: Ticket | null };

/** What the big button does now. */
export interface NextStep {
  kind: "none" | "busy" | "claim" | "send" | "words" | "close" | "reopen" | "take-over";
  words: string;
  icon: string;
  note?: string | null;
  warning?: string | null;
  caps?: boolean;
}

/** A step that an agency has told by telephone, as its command is called. */
export type ReportedStep = "acknowledge" | "en-route" | "on-scene" | "clear";

/** What hands do to the agencies that have the ticket. */
export interface FollowHands {
  report(assignment: Assignment, step: ReportedStep): void;
  /** Send another agency in the place of one; `why` is noted with it. */
  handOver(ticketNumber: string, agency: string, why: string): void;
  pause(ticketNumber: string, assignment: number, reason: string, minutes: number): void;
  resume(ticketNumber: string, assignment: number): void;
  /** The agencies that the type proposes and that do not have the ticket, the best first. */
  proposed(): Pick<ProposedAgency, "code" | "reason_id" | "reason_en">[];
  onChange(): void;
}

/** What is asked before a write; the answer is its reason. */
export type Question = {
  title: string;
  lead: string;
  submit: string;
} & ({ kind: "reopen" | "take-over" } | { kind: "clear"; assignment: Assignment });

/** The dialogs that some actions begin with. */
export interface Dialogs {
  ask(question: Question): void;
  close(): void;
}

/** A ticket as its history needs it: every version of the answers, and the texts that were kept. */
export type ToldTicket = Ticket & Partial<Pick<TicketWithTimeline, "answer_history" | "kept_texts">>;

/** An entry, with its ticket where the live feed has brought it. */
export type TimelineEntry = Entry & { ticket?: Ticket | null };

/** An answer that is on its way. */
export type PendingAnswer = Pick<QuestionAnswer, "value" | "amount" | "at">;

export interface Seat {
  code: string;
  name: string;
  extension: string;
}
