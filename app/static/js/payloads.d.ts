// What the server answers and is sent: made by `python -m app.assets.payload_types`, not to be edited.

/** Who acted. */
export interface Actor {
  kind: "user" | "asterisk" | "system" | "caller" | "contact" | "centre";
  id: number | null;
  name: string | null;
}

/** A person whom ladders may tell; `area` (a kelurahan or kecamatan) where an agency has many offices. */
export interface AddContact {
  agency: string;
  name: string;
  role: string;
  area?: string | null;
  username?: string | null;
}

/** A shift by the city's wall (`2026-11-25T07:00`); `version` is that of the roster it builds on. */
export interface AddDuty {
  contact_id: number;
  starts_local: string;
  ends_local: string;
  version?: number | null;
}

/** A place to be found by its names from now on; without a kelurahan the one that the point lies in is taken. */
export interface AddLandmark {
  name: string;
  lat: number;
  lon: number;
  other_names?: string[];
  kelurahan_code?: string | null;
}

/** The id of what was added. */
export interface AddedLandmark {
  id: number;
}

/** An agency with open assignments. */
export interface AgencyLine {
  code: string;
  name: string;
  open: number;
  worst: WorstClock;
}

/** An agency's ladder as it would begin now; a hole is its first rung's, and `phone` the number to dial then. */
export interface AgencyPreview {
  agency: string;
  phone: string | null;
  hole: boolean;
  tested: boolean;
  rungs: RungPreview[];
}

/** What an agency's page starts from: its open tickets, and those closed within a day. */
export interface AgencySnapshot {
  newest: number;
  epoch: string | null;
  server_time: string;
  tickets: AgencyTicket[];
  me: Me;
}

/** A ticket as an agency sees it that it was sent to: no caller, no other agency's work. */
export interface AgencyTicket {
  number: string;
  short: string;
  state: "new" | "callback" | "claimed" | "dispatched" | "in_progress" | "verify" | "closed";
  public_status: "menunggu" | "proses" | "selesai";
  words: string | null;
  type: IncidentType | null;
  priority: "P1" | "P2" | "P3" | "P4" | null;
  place: Place | null;
  opened_at: string;
  answers: QuestionAnswer[];
  closed_at: string | null;
  callers: number;
  further_words: FurtherWords[];
  also_sent: string[];
  assignment: Assignment;
  allowed: string[];
}

/** An agency's ticket and what of its history concerns the agency, oldest first. */
export interface AgencyTicketWithTimeline {
  number: string;
  short: string;
  state: "new" | "callback" | "claimed" | "dispatched" | "in_progress" | "verify" | "closed";
  public_status: "menunggu" | "proses" | "selesai";
  words: string | null;
  type: IncidentType | null;
  priority: "P1" | "P2" | "P3" | "P4" | null;
  place: Place | null;
  opened_at: string;
  answers: QuestionAnswer[];
  closed_at: string | null;
  callers: number;
  further_words: FurtherWords[];
  also_sent: string[];
  assignment: Assignment;
  allowed: string[];
  timeline: Entry[];
}

/** What every screen has to be told at once, since when it lasts, and of how many where it counts. */
export interface Alarm {
  code: string;
  since: string;
  n?: number;
}

/** The commands that each kind of viewer could give now. */
export interface AllowedBy {
  owner: string[];
  call_taker: string[];
  supervisor: string[];
}

/** The answer to a question of a card: yes, no, a choice's code, digits, a text, or skipped. */
export interface Answer {
  card: string;
  question: string;
  value: string;
  amount?: number | null;
}

/** That an instruction is answered, and with what. */
export interface AnswerInstruction {
  note?: string | null;
}

/** From the first ring to a seat's answer; callers who gave up count as not within the target. */
export interface Answered {
  within: number;
  of: number;
  target_s: number;
  goal: number;
  window_h: number;
}

/** A ticket given to an agency; `due_at` is when its running clock runs out. */
export interface Assignment {
  id: number;
  agency: string;
  agency_name: string;
  agency_short: string;
  role: "primary" | "supporting";
  state: "sent" | "acknowledged" | "en_route" | "on_scene" | "cleared" | "declined" | "cancelled";
  reason: string | null;
  note: string | null;
  sent_at: string;
  acknowledged_at: string | null;
  en_route_at: string | null;
  on_scene_at: string | null;
  cleared_at: string | null;
  declined_at: string | null;
  cancelled_at: string | null;
  clock_started_at: string | null;
  due_at: string | null;
  due_kind: string | null;
  ladder: LadderView | null;
  reach: ReachView | null;
  instructions: Instruction[];
}

/** The ticket of the event that this caller reports too, and what was typed for this caller. */
export interface Attach {
  to: string;
  words?: string | null;
}

/** One time that the number was dialled. */
export interface Attempt {
  at: string;
  outcome: "reached" | "no_answer" | "busy" | "wrong_number" | "refused";
  note: string | null;
  by: string | null;
}

/** What came of dialling the number. */
export interface AttemptInput {
  outcome: string;
  note?: string | null;
}

/** A text in Indonesian and in English. */
export interface Bilingual {
  id: string;
  en: string;
}

/** Why the number of a prank is blocked. */
export interface BlockNumber {
  reason: string;
}

/** The figures of the last 24 hours and of this moment; no caller's number or name. */
export interface Board {
  at: string;
  waiting: number;
  doubtful: number;
  uncertain_calls: UncertainCall[];
  longest_wait_since: string | null;
  answered: Answered;
  abandoned: number;
  callbacks_open: number;
  callbacks_late: number;
  not_emergency: Share;
  mix: Record<string, number>;
  agencies: AgencyLine[];
  unacknowledged: Unacknowledged[];
  stranded: Stranded[];
  escalations: Escalation[];
  escalations_total: number;
  operators: Operator[];
  open: OpenTickets;
  pins: Pin[];
}

/** The kelurahan as polygons or as points. */
export type Boundaries = FeatureCollection | Points;

/** What a command about a browser did; `changed` is false when it had been done before. */
export interface BrowserDone {
  changed: boolean;
}

/**
 * Whether a browser rings for its user. `gone`: its push service has given it up, it has to subscribe anew.
 *
 * `receipt_at`: when its own worker last told that a message had come. `listed`: whether its user is a contact, which
 * ladders tell; for anybody else it stays silent.
 */
export interface BrowserState {
  state: "on" | "gone";
  listed: boolean;
  receipt_at: string | null;
}

/** One phone call. */
export interface Call {
  id: number;
  linkedid: string;
  state: "ringing" | "answered" | "abandoned" | "ended" | "let_go";
  late: boolean;
  doubtful_at: string | null;
  ended_how: "told" | "record" | "inferred" | "restart" | "by_hand" | null;
  cut_off: boolean;
  number: string | null;
  presentation: string;
  carrier: string | null;
  received_at: string;
  answered_at: string | null;
  ended_at: string | null;
  answered_by: Person | null;
  seat: string | null;
  location: CallLocation | null;
  nuisance: Nuisance | null;
  treatment: "normal" | "gate" | "blocked";
  gate: "passed" | "failed" | "left" | "unheard" | null;
  gate_at: string | null;
}

/** Where the telephone said it was, WGS 84; uncertainty as a radius in metres. */
export interface CallLocation {
  lat: number;
  lon: number;
  uncertainty_m: number | null;
}

/** One phone call and the ticket it belongs to. */
export interface CallWithTicket {
  id: number;
  linkedid: string;
  state: "ringing" | "answered" | "abandoned" | "ended" | "let_go";
  late: boolean;
  doubtful_at: string | null;
  ended_how: "told" | "record" | "inferred" | "restart" | "by_hand" | null;
  cut_off: boolean;
  number: string | null;
  presentation: string;
  carrier: string | null;
  received_at: string;
  answered_at: string | null;
  ended_at: string | null;
  answered_by: Person | null;
  seat: string | null;
  location: CallLocation | null;
  nuisance: Nuisance | null;
  treatment: "normal" | "gate" | "blocked";
  gate: "passed" | "failed" | "left" | "unheard" | null;
  gate_at: string | null;
  ticket_number: string;
}

/** What kind of number the caller's is, and whether it can be called back. */
export interface Callability {
  kind: "mobile" | "landline" | "foreign" | "short_code" | "unusual" | "withheld" | "not_sent" | "unreadable";
  can_call: boolean;
  area_code: string | null;
}

/** What was done to a callback; `ticket` is the one to be worked now. */
export interface CallbackDone {
  changed: boolean;
  ticket: string | null;
}

/** A number to be called back, with all its abandoned and dropped calls; without a number, one call. */
export interface CallbackLine {
  id: number;
  number: string | null;
  kind: "mobile" | "landline" | "foreign" | "short_code" | "unusual" | "withheld" | "not_sent" | "unreadable";
  can_call: boolean;
  area_code: string | null;
  carrier: string | null;
  reason: "abandoned" | "dropped";
  calls: number;
  first_at: string;
  last_at: string;
  rang_s: number | null;
  has_location: boolean;
  attempts: number;
  max_attempts: number;
  history: Attempt[];
  started_at: string;
  due_at: string;
  holder: Person | null;
  ticket_owner: string | null;
  may_close: boolean;
  tickets: string[];
}

/** The callback list, first due first; `total` counts those beyond the list's end too. */
export interface Callbacks {
  items: CallbackLine[];
  total: number;
}

/** A further caller of the same event, with the ticket that the call came in with. */
export interface Caller {
  number: string;
  short: string;
  attached_at: string;
  owner: Person | null;
  words: string | null;
  calls: Call[];
}

/** What is known of the caller's number; `calls` and `genuine` count the earlier ones. */
export interface CallerHistory {
  calls: number;
  genuine: number;
  recent: EarlierCall[];
  name: CallerName | null;
  notes: CallerNote[];
  nuisance: CallerStanding;
}

/** A caller's name: noted by an operator, or as the exchange sent it. */
export interface CallerName {
  text: string;
  source: "note" | "sent";
  at: string;
}

/** What an operator noted about a number. */
export interface CallerNote {
  id: number;
  kind: "name" | "note";
  text: string;
  at: string;
  by: string | null;
}

/** How the caller's number stands now: pranks within the policy's window, and whether it is flagged or blocked. */
export interface CallerStanding {
  count: number;
  limit: number;
  standing: "clear" | "proposed" | "blocked";
  since: string | null;
  expires_at: string | null;
}

/** What a further caller of an event says. */
export interface CallerWords {
  words: string;
}

/** The calls that were found. */
export interface Calls {
  items: CallWithTicket[];
  next: null;
}

/** Somebody who could have a shift, and what it costs: how long without a break, counting what touches it. */
export interface Candidate {
  contact_id: number;
  name: string;
  busy: boolean;
  hours_in_a_row: number;
  proved: boolean;
  reachable: boolean;
  to_give: Duty[];
}

/** One of data block `cards`: what to ask and to say; `left_out` counts advice that lacks a clinician's sign-off. */
export interface Card {
  code: string;
  name: Bilingual;
  types: string[];
  sensitive: boolean;
  say: ReadOut | null;
  silent_say: ReadOut | null;
  advice: ReadOut[];
  left_out: number;
  questions: CardQuestion[];
}

/** One of the answers that a question of a card gives to choose from. */
export interface CardChoice {
  code: string;
  words: Bilingual;
}

/** A question of a card; by the answer's code what is said then (`say`) and who is sent (`agencies`). */
export interface CardQuestion {
  code: string;
  kind: "yes_no" | "number" | "text" | "choice";
  ask: Bilingual;
  tells: Bilingual;
  count: Bilingual | null;
  choices: CardChoice[];
  say: Record<string, ReadOut>;
  agencies: Record<string, string[]>;
  taps: boolean;
}

/**
 * A ticket, or an agency's part of one, that a ladder has brought before an office.
 *
 * `clock` is the one that was not stopped in time, over since `due_at`; `lies_with` whom the rung before told (as
 * `LadderRung.who`). `section`: waiting for the leader, the leader's own due time runs, or over.
 */
export interface Case {
  ticket_number: string;
  short: string;
  state: "new" | "callback" | "claimed" | "dispatched" | "in_progress" | "verify" | "closed";
  type: IncidentType | null;
  priority: "P1" | "P2" | "P3" | "P4" | null;
  place: CasePlace | null;
  assignment_id: number | null;
  agency: string | null;
  agency_short: string | null;
  agency_phone: string | null;
  assignment_state: string | null;
  office: string;
  reached_at: string;
  clock: string;
  since: string;
  due_at: string;
  lies_with: string | null;
  next_at: string | null;
  next_who: string | null;
  section: "waiting" | "running" | "done";
  ladder: LadderView;
  people: PersonReached[];
  instructions: Instruction[];
  history: CaseStep[];
  over_at: string | null;
}

/** Where it is, as far as a leader has to know. */
export interface CasePlace {
  text: string | null;
  kelurahan: string;
  kecamatan: string;
}

/** One thing that happened, by its kind in the journal; `who`: of a rung whom it told, `hole`: or could not. */
export interface CaseStep {
  at: string;
  kind: string;
  agency: string | null;
  who: string | null;
  hole: boolean;
}

/** Data block `catalogue`: what a page needs to know about the city while the server is out of reach. */
export interface Catalogue {
  types: KnownType[];
  kelurahan: KnownKelurahan[];
  agencies: KnownAgency[];
  decline_reasons: KnownReason[];
  pause_reasons: KnownPauseReason[];
  silent_channels: string[];
  shifts: KnownShift[];
  policy: KnownPolicy;
}

/** What a page of the centre starts from. */
export interface CentreSnapshot {
  newest: number;
  epoch: string | null;
  server_time: string;
  tickets: Ticket[];
  still_ringing: Ticket[];
  recent: Entry[];
  colleagues: Operator[];
  stats: Board;
  me: Me;
}

/** Who a contact is from now on; what is left out is taken away. */
export interface ChangeContact {
  name: string;
  role: string;
  area?: string | null;
  username?: string | null;
}

/** One way to reach somebody. */
export interface ChannelOfContact {
  channel: string;
  address: string;
}

/** What kind of call it was; for a genuine one what happened, and the words as typed. */
export interface Classify {
  classification: string;
  type_code?: string | null;
  priority?: string | null;
  words?: string | null;
}

/** With what result the task is done. */
export interface Clear {
  note: string;
  occurred_at?: string | null;
}

/** A running clock; `assignment_id` is None for the ticket's own. */
export interface Clock {
  kind: string;
  assignment_id: number | null;
  started_at: string;
  due_at: string;
}

/** How the ticket ended. */
export interface Close {
  disposition: string;
  note?: string | null;
}

/** A person whom ladders may tell; `browsers` are those that ring by push while the page is closed. */
export interface Contact {
  id: number;
  agency: string;
  area: string | null;
  area_name: string | null;
  role: "duty" | "chief" | "head" | "supervisor" | "desk" | "leader";
  name: string;
  username: string | null;
  channels: ContactChannel[];
  browsers: number;
}

/** One way to reach a contact; `address` only for whoever may edit. `proved`: a test was answered not long ago. */
export interface ContactChannel {
  id: number;
  channel: "whatsapp" | "telegram" | "push" | "sms" | "email" | "apprise";
  address: string | null;
  tested_at: string | null;
  test_sent_at: string | null;
  waiting: boolean;
  proved: boolean;
  problem: string | null;
  problem_at: string | null;
}

/** A page of contacts; `next` is what `after` has to be for the next page. */
export interface Contacts {
  items: Contact[];
  next: number | null;
}

/** The week that is to be like the one before, by any day of it. */
export interface CopyWeek {
  agency: string;
  day: string;
  version?: number | null;
}

/** What a supervisor decides on a proposal, and why. */
export interface DecideFlag {
  decision: "approve" | "reject";
  reason: string;
}

/** Why the agency cannot take the task. */
export interface Decline {
  reason_code: string;
  note?: string | null;
}

/** The agencies to send to; `note`: what they are to know, such as for whom they step in and why. */
export interface Dispatch {
  agencies: string[];
  note?: string | null;
}

/** What a command did; `changed` is false when it had been done before. */
export interface Done {
  changed: boolean;
  ticket: Ticket | AgencyTicket | null;
  seq: number | null;
}

/** What somebody has typed and chosen for the ticket and not sent yet. */
export interface Draft {
  by: Person;
  version: number;
  words: string;
  choices: Record<string, unknown>;
  saved_at: string;
}

/** What is typed and chosen so far; `version` is the one it builds upon, `typed_by` whoever left it in a browser. */
export interface DraftInput {
  words: string;
  choices?: Record<string, JsonValue>;
  version?: number;
  typed_by?: number | null;
}

/** What the next save of this draft has to build upon. */
export interface DraftSaved {
  changed: boolean;
  version: number;
}

/** Shifts, the earliest first. */
export interface Duties {
  items: Duty[];
  next: null;
}

/** A shift, by the city's wall (`2026-11-25T07:00`) and as instants. */
export interface Duty {
  id: number;
  contact_id: number;
  name: string;
  role: "duty" | "chief" | "head" | "supervisor" | "desk" | "leader";
  area: string | null;
  starts_local: string;
  ends_local: string;
  starts_at: string;
  ends_at: string;
  asked_at: string | null;
  checked_in_at: string | null;
  swapped_from_id: number | null;
}

/** An earlier call from the same number. */
export interface EarlierCall {
  ticket: string;
  at: string;
  state: string;
  ticket_state: string;
  classification: string | null;
  disposition: string | null;
  kelurahan: string | null;
  type_name_id: string | null;
  type_name_en: string | null;
}

/** Which call of the ticket is over; without one, all that still count as up. */
export interface EndCall {
  call_id?: number | null;
}

/** What happened; `seq` numbers it in the whole journal. */
export interface Entry {
  seq: number;
  at: string;
  kind: string;
  actor: Actor;
  ticket_number: string | null;
  assignment_id: number | null;
  call_id: number | null;
  data: Record<string, unknown>;
}

/** A refusal. */
export interface Error {
  error: ErrorBody;
}

/** What was refused and why: a stable code, a sentence in the user's language, and what could be done instead. */
export interface ErrorBody {
  code: string;
  message: string;
  details: Record<string, unknown>;
  allowed: string[];
}

/** A task whose ladder has gone beyond its first people: `rung` of `rungs` have been told, `next_who` is next. */
export interface Escalation {
  ticket: string;
  agency: string;
  priority: "P1" | "P2" | "P3" | "P4" | null;
  clock: string;
  due_at: string;
  rung: number;
  rungs: number;
  next_who: string | null;
  next_at: string | null;
  then_who: string | null;
  paused_until: string | null;
  held: boolean;
}

/** A journal entry as the live feed carries it: `prev` is the number before it in the same person's stream. */
export interface Event {
  seq: number;
  at: string;
  kind: string;
  actor: Actor;
  ticket_number: string | null;
  assignment_id: number | null;
  call_id: number | null;
  data: Record<string, unknown>;
  ticket: Ticket | AgencyTicket | null;
  prev: number;
}

/** A page of the person's stream; `next` is what `after` has to be for the next page, none at its end. */
export interface Events {
  items: Event[];
  next: number | null;
}

/** One call from the number; `counted` when its ticket was part of what led to the proposal. */
export interface EvidenceCall {
  ticket: string;
  at: string;
  state: "ringing" | "answered" | "abandoned" | "ended" | "let_go";
  gate: "passed" | "failed" | "left" | "unheard" | null;
  classification: string | null;
  operator: string | null;
  counted: boolean;
}

/** GeoJSON (RFC 7946): one feature per kelurahan; `attribution` has to be shown with it. */
export interface FeatureCollection {
  type: "FeatureCollection";
  attribution: string;
  features: KelurahanFeature[];
}

/** What a decision did; `changed` is false when it had been made before. */
export interface FlagDone {
  changed: boolean;
  flag: NumberFlagWithCalls;
  seq: number | null;
}

/** What a further caller of the same event said. */
export interface FurtherWords {
  at: string;
  words: string;
}

/** Why nobody is called any more. */
export interface GiveUp {
  note?: string | null;
}

/** Message `heartbeat`: the stream's newest number, the server's time, and what is wrong. */
export interface Heartbeat {
  newest: number;
  epoch: string | null;
  server_time: string;
  alarms: Alarm[];
  deadlines_checked_at: string | null;
}

/** What waits for a person since the database was brought back from a backup, and when that was. */
export interface Held {
  restored_at: string | null;
  items: HeldTicket[];
  loose_messages: HeldMessage[];
}

/** Whether anything of what was held since a restore was settled. */
export interface HeldDone {
  changed: boolean;
}

/** A message that came back with a backup: to whom, by what. */
export interface HeldMessage {
  kind: string;
  channel: string;
  role: "duty" | "chief" | "head" | "supervisor" | "desk" | "leader";
  name: string | null;
}

/** A ticket for which something waits for a person since the database was brought back, with what was planned. */
export interface HeldTicket {
  ticket_number: string;
  priority: "P1" | "P2" | "P3" | "P4" | null;
  type_code: string | null;
  state: string;
  opened_at: string;
  ladders: OpenLadder[];
  messages: HeldMessage[];
}

/** Where nobody would be told; where one is not `deep`, somebody would, but late or by what nobody has proved. */
export interface Hole {
  kind: "nobody" | "shift" | "rung" | "no_channel" | "untested" | "old_test" | "overtaken";
  deep: boolean;
  agency: string;
  area: string | null;
  area_name: string | null;
  role: "duty" | "chief" | "head" | "supervisor" | "desk" | "leader";
  starts_at: string;
  ends_at: string | null;
  contact_id: number | null;
  name: string | null;
  channel: "whatsapp" | "telegram" | "push" | "sms" | "email" | "apprise" | null;
}

/** Where nobody would be told, the deepest first. */
export interface Holes {
  items: Hole[];
  next: null;
}

/** A file of shifts as CSV. */
export interface ImportRoster {
  text: string;
}

/** What happened. */
export interface IncidentType {
  code: string;
  category: string;
  name_id: string;
  name_en: string;
  icon: string;
}

/** What a leader asks for, until when, of which agency's assignment; without one, of the centre. */
export interface Instruct {
  words: string;
  due_at: string;
  assignment?: number | null;
}

/**
 * What an instruction did. `late`: its task was over meanwhile, so that it was noted and nobody was told.
 *
 * `delayed_s`: by how much the ladder waits with its next rung.
 */
export interface Instructed {
  changed: boolean;
  late: boolean;
  delayed_s: number;
  instruction_id: number | null;
  seq: number | null;
}

/** What a leader asks of an agency, until when; `done_why`: answered, finished (with its task), closed. */
export interface Instruction {
  id: number;
  office: string;
  office_name: string;
  assignment_id: number | null;
  agency: string | null;
  words: string;
  given_at: string;
  due_at: string;
  done_at: string | null;
  done_why: string | null;
}

/** What the operator has typed so far, and the type where the operator has chosen one. */
export interface Interpret {
  text: string;
  type_code?: string | null;
}

/**
 * What a typed line may mean; `agencies` by type code, `notices` about what could not be used.
 *
 * `harm` quotes what says that a body is hurt: medical help goes, and at least
 * `harm_priority` is proposed, whatever the type.
 */
export interface Interpretation {
  types: TypeGuess[];
  places: PlaceCandidate[];
  danger: Span[];
  spans: Span[];
  harm: string[];
  harm_priority: Priority | null;
  notices: "link_without_coordinates"[];
  agencies: Record<string, ProposedAgency[]>;
}

export type JsonValue = unknown;

/** A browser's push subscription; `replaces`: the endpoint that it had until now. */
export interface KeepBrowser {
  endpoint: string;
  p256dh: string;
  auth: string;
  replaces?: string | null;
}

/** GeoJSON: the ground of a kelurahan. */
export interface KelurahanFeature {
  type: "Feature";
  properties: KelurahanProperties;
  geometry: PolygonGeometry | MultiPolygonGeometry;
}

/** A kelurahan, as a point inside it; `area` is a ring [lon, lat] around what is nearer to it than to others. */
export interface KelurahanPoint {
  code: string;
  name: string;
  kecamatan: string;
  lat: number;
  lon: number;
  area: [number, number][];
}

/** Which kelurahan it is; `label` is its point [lon, lat], where its name is written. */
export interface KelurahanProperties {
  code: string;
  name: string;
  kecamatan: string;
  label: number[];
}

/** A text that was typed and never sent, kept when nothing else held it; the history names it by `note_id`. */
export interface KeptText {
  note_id: number;
  text: string;
  at: string;
}

/** The keys that the person has changed: command -> key. */
export interface Keys {
  keys: Record<string, string>;
}

/** An agency that can be sent. */
export interface KnownAgency {
  code: string;
  name: string;
  short_name: string;
  phone: string | null;
}

/** A kelurahan, as a point inside it. */
export interface KnownKelurahan {
  code: string;
  name: string;
  kecamatan: string;
  lat: number;
  lon: number;
}

/** Why a clock may stand still, which roles may say so, and for how many seconds at most. */
export interface KnownPauseReason {
  code: string;
  name_id: string;
  name_en: string;
  roles: string[];
  longest_s: number;
}

/** The policy's figures that pages show or go by; seconds, metres, pranks, and the goal as a share. */
export interface KnownPolicy {
  answer_target_s: number;
  answer_goal: number;
  dispatch_target_s: number;
  ring_near_s: number;
  undo_s: number;
  border_near_m: number;
  stale_talk_s: number;
  nuisance_limit: number;
  audit_near_s: number;
  audit_late_s: number;
}

/** A reason to decline. */
export interface KnownReason {
  code: string;
  name_id: string;
  name_en: string;
}

/** A shift, from `starts` to `ends` in the city's time (`07:00`). */
export interface KnownShift {
  name_id: string;
  name_en: string;
  starts: string;
  ends: string;
}

/** An incident type, with the priority proposed with it. */
export interface KnownType {
  code: string;
  category: string;
  name_id: string;
  name_en: string;
  priority: "P1" | "P2" | "P3" | "P4";
  icon: string;
}

/** Who would be told, by agency in the order in which they were asked for. */
export interface LadderPreviews {
  items: AgencyPreview[];
}

/**
 * One rung: whom it tells (`duty`, `duty+chief`, `leader:SETDA`), when it is due, and what came of it.
 *
 * `hole`: nobody could be told, or nothing got through; `late`: it fired later than it was due.
 */
export interface LadderRung {
  after_s: number;
  who: string;
  due_at: string;
  fired_at: string | null;
  people: number | null;
  hole: boolean;
  late: boolean;
}

/** Who is told while one clock runs. `rung`: how many have fired; `next_at`: None once all have. */
export interface LadderView {
  id: number;
  clock: string;
  rung: number;
  next_at: string | null;
  next_who: string | null;
  held: boolean;
  paused: Pause | null;
  rungs: LadderRung[];
}

/** A page of ladders; `next` is what `after` has to be for the next page. */
export interface Ladders {
  items: OpenLadder[];
  next: number | null;
}

/**
 * All that reached a leader: what is open, and what was over within the last seven days.
 *
 * `due_choices`: due times that the city offers for an instruction now.
 */
export interface LeaderOverview {
  at: string;
  offices: dispatch__leaders__shapes__Office[];
  items: Case[];
  week: Week;
  due_choices: string[];
  longest_delay_s: number;
}

/** Why a block ends before its time. */
export interface LiftBlock {
  reason: string;
}

/** Within what distance and time tickets are looked for. */
export interface Limits {
  radius_m: number;
  minutes: number;
}

/** What became of the SMS that carries a link; `problem` is a code, such as `http_500` or `timeout`. */
export interface LinkDelivery {
  state: "waiting" | "accepted" | "failed";
  problem: string | null;
  attempts: number;
}

/** Where it is: a kelurahan, a point, or both. */
export interface Locate {
  kelurahan_code?: string | null;
  text?: string | null;
  lat?: number | null;
  lon?: number | null;
  accuracy_m?: number | null;
  source?: string;
}

/** A one-time link; `delivery` is None where it was read out or copied. */
export interface LocationLink {
  id: number;
  call_id: number | null;
  state: "sent" | "opened" | "sharing" | "ended" | "expired";
  ended_by: "phone" | "operator" | "replaced" | "ticket" | null;
  created_at: string;
  expires_at: string;
  opened_at: string | null;
  consented_at: string | null;
  live_until: string | null;
  ended_at: string | null;
  delivery: LinkDelivery | null;
}

/** Where a telephone said it was, WGS 84; `accuracy_m` is a radius. `sip`: the call itself carried it. */
export interface LocationReport {
  id: number | null;
  call_id: number | null;
  link_id: number | null;
  source: "link" | "sip";
  lat: number;
  lon: number;
  accuracy_m: number | null;
  measured_at: string;
  kelurahan_code: string | null;
  outside_city: boolean;
}

/** What is known of where a ticket's callers are; `stale_s` is the age from which a position counts as old. */
export interface Locations {
  link: LocationLink | null;
  reports: LocationReport[];
  sms_problem: "withheld" | "landline" | "short" | null;
  stale_s: number;
  sms_configured: boolean;
  address_problem: "not_set" | "not_https" | null;
}

/** A landmark with a point, for the map. */
export interface MapLandmark {
  key: string;
  name: string;
  kind: string;
  lat: number;
  lon: number;
  source: "city" | "own";
}

/** The landmarks of the city pack that have a point, and the centre's own. */
export interface MapLandmarks {
  items: MapLandmark[];
  next: null;
}

/** Whoever asks. */
export interface Me {
  id: number;
  name: string;
  role: string;
  agency: string | null;
  seat: string | null;
}

/** GeoJSON: several polygons. */
export interface MultiPolygonGeometry {
  type: "MultiPolygon";
  coordinates: [number, number][][][];
}

/** One of one's own browsers, by the endpoint of its push subscription. */
export interface NamedBrowser {
  endpoint: string;
}

/** A link as it is sent, copied (`text`) or read out (`spoken`); it is told once and kept nowhere. */
export interface NewLink {
  id: number;
  url: string;
  spoken: string;
  text: string;
  queued: boolean;
  sms_configured: boolean;
  sms_problem: "withheld" | "landline" | "short" | null;
  address_problem: "not_set" | "not_https" | null;
}

/** What is noted about the number: a name or a remark. */
export interface NewNote {
  kind: string;
  text: string;
}

/** What was done to a note about a number. */
export interface NoteDone {
  changed: boolean;
  note_id: number;
}

/** The new words of a note. */
export interface NoteText {
  text: string;
}

/** A command that needs nothing but its path. */
export type Nothing = Record<string, never>;

/** How many prank calls this number had made when it called, and how many are tolerated. */
export interface Nuisance {
  count: number;
  limit: number;
}

/** The city's rule. */
export interface NuisanceRule {
  limit: number;
  ministry_limit: number;
  window_days: number;
  block_hours: number;
  enforce: boolean;
}

/**
 * A proposal and its decision; `count` pranks led to it, `undone` of its tickets are no pranks any more.
 *
 * `count_now` and `genuine` are the number's calls within the policy's window at this moment.
 */
export interface NumberFlag {
  id: number;
  number: string;
  carrier: string | null;
  kind: "block" | "total_block";
  state: "proposed" | "withdrawn" | "approved" | "rejected" | "lifted" | "expired";
  count: number;
  count_now: number;
  limit: number;
  genuine: number;
  undone: number;
  proposed_at: string;
  proposed_by: string | null;
  decided_at: string | null;
  decided_by: string | null;
  reason: string | null;
  expires_at: string | null;
  lifted_at: string | null;
  lifted_by: string | null;
  lift_reason: string | null;
}

/** The same with the number's newest calls. */
export interface NumberFlagWithCalls {
  id: number;
  number: string;
  carrier: string | null;
  kind: "block" | "total_block";
  state: "proposed" | "withdrawn" | "approved" | "rejected" | "lifted" | "expired";
  count: number;
  count_now: number;
  limit: number;
  genuine: number;
  undone: number;
  proposed_at: string;
  proposed_by: string | null;
  decided_at: string | null;
  decided_by: string | null;
  reason: string | null;
  expires_at: string | null;
  lifted_at: string | null;
  lifted_by: string | null;
  lift_reason: string | null;
  calls: EvidenceCall[];
}

/** What waits for a decision, what is blocked now, the ministry's list, and the newest decisions. */
export interface NumberFlags {
  proposed: NumberFlagWithCalls[];
  blocks: NumberFlagWithCalls[];
  ministry: NumberFlag[];
  decided: NumberFlag[];
  policy: NuisanceRule;
  at: string;
}

/** A ladder with the ticket it belongs to. */
export interface OpenLadder {
  id: number;
  clock: string;
  rung: number;
  next_at: string | null;
  next_who: string | null;
  held: boolean;
  paused: Pause | null;
  rungs: LadderRung[];
  ticket_number: string;
  assignment_id: number | null;
  agency: string | null;
  priority: "P1" | "P2" | "P3" | "P4" | null;
  started_at: string;
  due_at: string;
  ended_at: string | null;
  ended_why: string | null;
}

/** Open tickets by priority. */
export interface OpenTickets {
  total: number;
  P1: number;
  P2: number;
  P3: number;
  P4: number;
  none: number;
}

/** Who sits where: ready, or on a call since. */
export interface Operator {
  id: number;
  name: string;
  seat: string;
  state: "ready" | "on_call";
  since: string;
  ticket: string | null;
}

/** Commands of the console and the keys they are to have. */
export interface OwnKeys {
  keys: Record<string, unknown>;
}

/** A place that somebody of the centre has named; `may_retire` says whether the one who asks may retire it. */
export interface OwnLandmark {
  id: number;
  name: string;
  other_names: string[];
  kelurahan_code: string;
  kelurahan: string | null;
  kecamatan: string | null;
  lat: number;
  lon: number;
  added_at: string;
  added_by: string | null;
  may_retire: boolean;
}

/** All that are not retired, the newest first. */
export interface OwnLandmarks {
  items: OwnLandmark[];
  next: null;
}

/** Whoever works a ticket, and where the owner sits. */
export interface Owner {
  id: number;
  name: string;
  seat: string | null;
}

/** Why a clock stands still, by whom, and until when. */
export interface Pause {
  reason: string;
  since: string;
  until: string;
  by_id: number | null;
}

/** Why a clock stands still, and until when; of an assignment, or of the ticket itself. */
export interface PauseClock {
  reason: string;
  until: string;
  assignment?: number | null;
}

/** A colleague. */
export interface Person {
  id: number;
  name: string;
}

/** Somebody who would be told, by which channels in which order; `checked_in` is None for whoever has no shift. */
export interface PersonPreview {
  name: string;
  role: "duty" | "chief" | "head" | "supervisor" | "desk" | "leader";
  channels: string[];
  at_screen: boolean;
  checked_in: boolean | null;
}

/** Who was told of an assignment, and how far that came. */
export interface PersonReached {
  notice_id: number;
  name: string | null;
  role: "duty" | "chief" | "head" | "supervisor" | "desk" | "leader";
  level: "queued" | "accepted" | "delivered" | "read" | "opened" | "answered" | "failed" | "hole";
  at: string;
  channel: string | null;
  problem: string | null;
  late: boolean;
  uncertain: boolean;
}

/** An open ticket on the map; `due_at` where an agency has not answered yet. */
export interface Pin {
  short: string;
  priority: "P1" | "P2" | "P3" | "P4" | null;
  lat: number;
  lon: number;
  clock_started_at: string | null;
  due_at: string | null;
}

/** Where it happened; without a point the map shows the kelurahan's own. */
export interface Place {
  text: string | null;
  kelurahan_code: string;
  kelurahan: string;
  kecamatan: string;
  lat: number | null;
  lon: number | null;
  kelurahan_lat: number | null;
  kelurahan_lon: number | null;
  accuracy_m: number | null;
  source: string | null;
  approximate: boolean;
}

/**
 * A place that somebody's words may mean; `clear` where it stands clear of the next and may be preselected.
 *
 * A kelurahan's point comes with `accuracy_m` as large as the kelurahan; a place known by name only has no point.
 * `score` is from 0 to 1; `relation` is where it happened seen from the place ("depan"), None for at the place.
 * `found` says how it was found, `read` by which words as typed, `detail` what narrows the address down (RT and RW,
 * house number). A place tied to a second one names it in `beside`, as seen from `beside_relation`. A place outside
 * the city says how far (`outside_km`) and has no `kelurahan`, so it can't be sent as it is; `near_kelurahan` and
 * `near_kecamatan` are the nearest part of the city. `neighbour` is the kelurahan on the other side of a border that
 * is close to a point.
 */
export interface PlaceCandidate {
  key: string;
  name: string;
  kind: "kelurahan" | "landmark" | "street" | "junction" | "point" | "km_post" | "outside";
  kelurahan_code: string | null;
  kelurahan: string | null;
  kecamatan: string | null;
  lat: number | null;
  lon: number | null;
  accuracy_m: number | null;
  relation: string | null;
  score: number;
  clear: boolean;
  found:
    | "name"
    | "spelling"
    | "unfinished"
    | "kecamatan"
    | "pair"
    | "coordinates"
    | "map_link"
    | "plus_code"
    | "km_post";
  read: string | null;
  detail: string | null;
  beside: string | null;
  beside_key: string | null;
  beside_relation: string | null;
  outside_km: number | null;
  near_kelurahan: string | null;
  near_kecamatan: string | null;
  neighbour: string | null;
  source: "city" | "osm" | "own" | "geocoder";
}

/** The places that were found, the likeliest first. */
export interface Places {
  items: PlaceCandidate[];
  next: null;
}

/**
 * The kelurahan of a point, as a suggestion; all None outside of the city.
 *
 * `approximate` where no polygon says so; `neighbour` is the kelurahan beyond a border that is near.
 */
export interface PointAnswer {
  kelurahan_code: string | null;
  kelurahan: string | null;
  kecamatan: string | null;
  approximate: boolean;
  border_m: number | null;
  neighbour: string | null;
}

/** The kelurahan, where no boundary file was loaded. */
export interface Points {
  points: KelurahanPoint[];
}

/** GeoJSON: an outer ring and its holes, each of [lon, lat]. */
export interface PolygonGeometry {
  type: "Polygon";
  coordinates: [number, number][][];
}

/** How soon somebody must act; the order of the members is the order of urgency. */
export type Priority = "P1" | "P2" | "P3" | "P4";

/** An agency to send to, and why: `preselected` is ticked already. Reasons are short phrases. */
export interface ProposedAgency {
  code: string;
  role: "primary" | "supporting";
  preselected: boolean;
  reason_id: string;
  reason_en: string;
}

/** The code that a test brought. */
export interface ProveChannel {
  code: string;
}

/** What the caller answered to a question of a card; `version` counts how often it was answered. */
export interface QuestionAnswer {
  id: number;
  card: string;
  question: string;
  version: number;
  value: string;
  amount: number | null;
  tells_id: string;
  tells_en: string;
  words_id: string;
  words_en: string;
  at: string;
}

/**
 * How far the messages about an assignment have come: the highest level of all who were told.
 *
 * `hole` where nobody of the agency has a channel, `failed` where none got through.
 */
export interface ReachView {
  level: "queued" | "accepted" | "delivered" | "read" | "opened" | "answered" | "failed" | "hole";
  at: string;
  channel: string | null;
  people: PersonReached[];
}

/** Something to read out to the caller; `unsigned`: medical advice that no clinician has signed off. */
export interface ReadOut {
  words: Bilingual;
  unsigned: boolean;
}

/** Lines of Asterisk's record, as they stand there; `system` is its name where its linkedids lack it. */
export interface RecordLines {
  system?: string;
  lines: string[];
}

/** Counts; `opened` had no ticket and have one now, `ended` were not known to be over. */
export interface RecordTaken {
  calls: number;
  opened: number;
  ended: number;
  garbage: number;
  still_up: number;
}

/** Whether messages of before the restore go out after all, marked as perhaps sent twice; else they are dropped. */
export interface ReleaseHeld {
  send_messages?: boolean;
}

/** A shift is taken away; `version` as above. */
export interface RemoveDuty {
  version?: number | null;
}

/** Why a closed ticket is opened again; not needed for undoing one's own within the undo time. */
export interface Reopen {
  reason?: string | null;
}

/** Which call's telephone is asked for its position; without one the ticket's newest. */
export interface RequestLocation {
  call_id?: number | null;
}

/** What the command did, and the link. */
export interface RequestedLocation {
  changed: boolean;
  ticket: Ticket | AgencyTicket | null;
  seq: number | null;
  link: NewLink;
}

/** Which paused clock runs on; of an assignment, or of the ticket itself. */
export interface ResumeClock {
  assignment?: number | null;
}

/** Answer to `resume`: what was missed, and the number reached; with `reset` the page starts from a new snapshot. */
export interface Resumed {
  items: Event[];
  newest: number;
  reset: boolean;
  epoch?: string | null;
}

/** Whether it was still searched until now. */
export interface RetiredLandmark {
  changed: boolean;
}

/** A shift of the policy on one day: whose it is, whether some of its time is nobody's, who gave it away. */
export interface RosterCell {
  day: string;
  shift: number;
  starts_local: string;
  ends_local: string;
  starts_at: string;
  ends_at: string;
  over: boolean;
  hole: boolean;
  duties: Duty[];
  given_away: Duty[];
}

/**
 * What a command about people or shifts did, and the agency's holes after it.
 *
 * `added` and `left_out` count the shifts of a file or of a week that was copied.
 */
export interface RosterDone {
  changed: boolean;
  seq: number | null;
  contact_id: number | null;
  duty_id: number | null;
  added: number | null;
  left_out: number | null;
  holes: Hole[];
}

/** An agency in the list: how many holes, and the first. */
export interface RosterOfAgency {
  code: string;
  short_name: string;
  name: string;
  holes: number;
  first: Hole | null;
}

/**
 * An agency's week. `version` goes with every change: of two that build on one, the first counts.
 *
 * `others` are shifts of another role, office or time than the cells; `now` those for which SIAP counts at present.
 */
export interface RosterWeek {
  at: string;
  agency: string;
  short_name: string;
  name: string;
  may_edit: boolean;
  version: number;
  monday: string;
  today: string;
  days: string[];
  shifts: ShiftOfPolicy[];
  offices: dispatch__rosters__shapes__Office[];
  area: string | null;
  cells: RosterCell[];
  others: Duty[];
  now: Duty[];
  contacts: Contact[];
  holes: Hole[];
}

/** The agencies, those with holes first. */
export interface Rosters {
  items: RosterOfAgency[];
  next: null;
}

/** One rung as it would be now: `hole` where nobody could be told, `tested` where some channel was ever answered. */
export interface RungPreview {
  after_s: number;
  who: string;
  people: PersonPreview[];
  hole: boolean;
  tested: boolean;
}

/** Where the person sits now. */
export interface Seated {
  changed: boolean;
  seat: string;
}

/** An agency that has the ticket, and how far it is. */
export interface SentAgency {
  agency: string;
  state: "sent" | "acknowledged" | "en_route" | "on_scene" | "cleared" | "declined" | "cancelled";
}

/** All ways to reach somebody, in the order in which they are tried. */
export interface SetChannels {
  channels: ChannelOfContact[];
}

/** How many of how many. */
export interface Share {
  n: number;
  of: number;
}

/** One of the day's shifts, by the wall: 07:00. */
export interface ShiftOfPolicy {
  name: string;
  starts: string;
  ends: string;
}

/** A shift that was chosen: the ladder of a task sent at `at`, and who could replace whom. */
export interface ShiftView {
  starts_local: string;
  ends_local: string;
  starts_at: string;
  ends_at: string;
  at: string;
  priority: string;
  steps: Step[];
  candidates: Candidate[];
}

/** Whoever asks, until when the session lasts (null for a program's token), and the form token of its pages. */
export interface SignedIn {
  id: number;
  name: string;
  role: string;
  agency: string | null;
  seat: string | null;
  expires_at: string | null;
  form_token: string | null;
}

/** A ticket that may be about the same event; `distance_m` is None where one of the two has no point. */
export interface SimilarTicket {
  number: string;
  short: string;
  state: string;
  open: boolean;
  type_name_id: string | null;
  type_name_en: string | null;
  priority: "P1" | "P2" | "P3" | "P4" | null;
  place: string | null;
  kelurahan: string | null;
  callers: number;
  agencies: SentAgency[];
  score: number;
  distance_m: number | null;
  minutes: number;
  reasons: ("same_type" | "same_category" | "kind_unknown" | "near" | "same_place" | "same_kelurahan")[];
}

/** The proposals, the likeliest first; `place` says whose place they are near to, None where none is known. */
export interface SimilarTickets {
  limits: Limits;
  place: "chosen" | "phone" | null;
  items: SimilarTicket[];
}

/** The state of things, cut to whoever asks. */
export type Snapshot = CentreSnapshot | AgencySnapshot;

/** Why a message was not answered. */
export interface SocketError {
  error: SocketErrorBody;
}

/** A stable code. */
export interface SocketErrorBody {
  code: string;
}

/** A stretch of the typed text, `start` to `end` in characters (code points), end not included. */
export interface Span {
  start: number;
  end: number;
  kind: "type" | "place" | "danger";
}

/** A rung of the ladder, and whom it would tell; `hole`: nobody of the present shift could be reached. */
export interface Step {
  rung: number;
  after_s: number;
  who: string;
  roles: ("duty" | "chief" | "head" | "supervisor" | "desk" | "leader")[];
  office: string | null;
  office_name: string | null;
  people: StepPerson[];
  hole: boolean;
}

/** A step of the crew; `occurred_at` is the phone's time when it had no signal. */
export interface StepInput {
  occurred_at?: string | null;
}

/** Whom a rung would tell; `present` is false for the shift before, which is told until SIAP has come. */
export interface StepPerson {
  contact_id: number | null;
  name: string;
  role: "duty" | "chief" | "head" | "supervisor" | "desk" | "leader";
  agency: string;
  present: boolean;
  channels: ContactChannel[];
  browsers: number;
}

/** A ticket that every agency has declined: nobody goes, since the last of them. */
export interface Stranded {
  ticket: string;
  priority: "P1" | "P2" | "P3" | "P4" | null;
  agencies: string[];
  since: string;
}

/** Who has the shift from now on, and which of theirs is given in return. */
export interface SwapDuty {
  contact_id: number;
  return_duty_id?: number | null;
  version?: number | null;
}

/** Why a colleague's ticket is taken. */
export interface TakeOver {
  reason: string;
}

/** The seat to sit down at. */
export interface TakeSeat {
  seat: string;
}

/** A ticket as the centre sees it. */
export interface Ticket {
  number: string;
  short: string;
  state: "new" | "callback" | "claimed" | "dispatched" | "in_progress" | "verify" | "closed";
  public_status: "menunggu" | "proses" | "selesai";
  words: string | null;
  type: IncidentType | null;
  priority: "P1" | "P2" | "P3" | "P4" | null;
  place: Place | null;
  opened_at: string;
  version: number;
  classification: string | null;
  disposition: string | null;
  closing_note: string | null;
  priority_by_hand: boolean;
  owner: Owner | null;
  claimed_at: string | null;
  first_dispatched_at: string | null;
  closed_at: string | null;
  pickup_due_at: string | null;
  calls: Call[];
  assignments: Assignment[];
  clocks: Clock[];
  ladder: LadderView | null;
  answers: QuestionAnswer[];
  allowed: AllowedBy;
  duplicate_of: string | null;
  joined: Caller[];
}

/**
 * A ticket and everything that happened to it, oldest first; `caller` is None where no number was sent.
 *
 * `heard` is what the simulated caller says in the demo, empty for one who says nothing, None for real callers.
 */
export interface TicketWithTimeline {
  number: string;
  short: string;
  state: "new" | "callback" | "claimed" | "dispatched" | "in_progress" | "verify" | "closed";
  public_status: "menunggu" | "proses" | "selesai";
  words: string | null;
  type: IncidentType | null;
  priority: "P1" | "P2" | "P3" | "P4" | null;
  place: Place | null;
  opened_at: string;
  version: number;
  classification: string | null;
  disposition: string | null;
  closing_note: string | null;
  priority_by_hand: boolean;
  owner: Owner | null;
  claimed_at: string | null;
  first_dispatched_at: string | null;
  closed_at: string | null;
  pickup_due_at: string | null;
  calls: Call[];
  assignments: Assignment[];
  clocks: Clock[];
  ladder: LadderView | null;
  answers: QuestionAnswer[];
  allowed: AllowedBy;
  duplicate_of: string | null;
  joined: Caller[];
  timeline: Entry[];
  caller: CallerHistory | null;
  callability: Callability | null;
  heard: string | null;
  answer_history: QuestionAnswer[];
  drafts: Draft[];
  kept_texts: KeptText[];
}

/** A page of tickets; `next` is what `after` has to be for the next page. */
export interface Tickets {
  items: (Ticket | AgencyTicket)[];
  next: number | null;
}

/**
 * What may have happened, with the words that say so, as typed.
 *
 * `clear` where it is the first and leads so far that it may be chosen without a person's look; `priority` is the
 * one proposed with it: the type's own, or a higher one where a body is hurt.
 */
export interface TypeGuess {
  code: string;
  matched: string[];
  score: number;
  clear: boolean;
  priority: Priority;
}

/** An assignment that its agency has not answered. */
export interface Unacknowledged {
  ticket: string;
  agency: string;
  priority: "P1" | "P2" | "P3" | "P4" | null;
  clock_started_at: string;
  due_at: string;
}

/** A call that counts as up and hardly is: it rings, or is answered, for too long. */
export interface UncertainCall {
  ticket: string;
  call_id: number;
  state: "ringing" | "answered";
  since: string;
}

/** What the wall starts from: the figures alone, no ticket. */
export interface WallSnapshot {
  newest: number;
  epoch: string | null;
  server_time: string;
  me: Me;
  colleagues: Operator[];
  stats: Board;
}

/** The last seven days of an office. */
export interface Week {
  reached: number;
  answered: number;
  done: number;
}

/** One ticket with its history, cut to whoever asks. */
export type WholeTicket = TicketWithTimeline | AgencyTicketWithTimeline;

/** The assignment of an agency that needs somebody first. */
export interface WorstClock {
  ticket: string;
  short: string;
  type_name_id: string | null;
  type_name_en: string | null;
  priority: "P1" | "P2" | "P3" | "P4" | null;
  state: "sent" | "acknowledged" | "en_route" | "on_scene" | "cleared" | "declined" | "cancelled";
  clock_started_at: string;
  due_at: string | null;
  due_kind: string | null;
  reach: "queued" | "accepted" | "delivered" | "read" | "opened" | "answered" | "failed" | "hole" | null;
}

/** An office above the agencies. */
export interface dispatch__leaders__shapes__Office {
  code: string;
  name: string;
}

/** One of an agency's offices; `area` is None where it has none. */
export interface dispatch__rosters__shapes__Office {
  area: string | null;
  name: string | null;
}

/** What `data` of a journal entry holds, by its kind. A later release may know more kinds and fields. */
export interface JournalData {
  "access.refusals_left_out": {
    count?: number;
  };
  "access.refused": {
    entity?: string;
    key?: string | null;
    via?: string;
  };
  "assignment.acknowledged": {
    agency?: string;
    ticket_state?: string;
  };
  "assignment.cancelled": {
    agency?: string;
  };
  "assignment.cleared": {
    agency?: string;
    ticket_state?: string;
  };
  "assignment.declined": {
    agency?: string;
    ticket_state?: string;
    reason_code?: string;
  };
  "assignment.en_route": {
    agency?: string;
    ticket_state?: string;
  };
  "assignment.on_scene": {
    agency?: string;
    ticket_state?: string;
  };
  "assignment.sent": {
    agency?: string;
    role?: string;
  };
  "call.abandoned": {
    duration_s?: number | null;
    by?: string;
    inferred?: boolean;
    corrects?: string;
  };
  "call.announced": Record<string, never>;
  "call.answered": {
    seat?: string | null;
    operator_id?: number | null;
    absent_id?: number;
  };
  "call.delivery_accepted": {
    delivery_id?: number;
    about?: string;
    attempts?: number;
    problem?: string | null;
  };
  "call.delivery_delayed": {
    delivery_id?: number;
    about?: string;
    attempts?: number;
    problem?: string | null;
  };
  "call.delivery_failed": {
    delivery_id?: number;
    about?: string;
    attempts?: number;
    problem?: string | null;
  };
  "call.ended": {
    duration_s?: number | null;
    by?: string;
    inferred?: boolean;
    corrects?: string;
  };
  "call.gate_failed": {
    treatment?: string;
  };
  "call.gate_left": {
    treatment?: string;
  };
  "call.gate_passed": {
    treatment?: string;
  };
  "call.gate_unheard": {
    treatment?: string;
  };
  "call.location_ended": {
    link_id?: number;
    by?: string;
  };
  "call.location_opened": {
    link_id?: number;
  };
  "call.location_reported": {
    link_id?: number;
    report_id?: number;
  };
  "call.location_requested": {
    link_id?: number;
    by?: string;
  };
  "call.location_shared": {
    link_id?: number;
  };
  "call.registered": {
    number?: string;
  };
  "call.transferred": {
    seat?: string | null;
    operator_id?: number | null;
    absent_id?: number;
    from_seat?: string | null;
    from_id?: number | null;
  };
  "calls.reconciled": {
    opened?: number;
    ended?: number;
  };
  "contact.added": {
    contact_id?: number;
    agency?: string;
    role?: string;
  };
  "contact.changed": {
    contact_id?: number;
    agency?: string;
    role?: string;
  };
  "contact.channel_removed": {
    contact_id?: number;
    channel_id?: number;
  };
  "contact.channel_set": {
    contact_id?: number;
    channel_id?: number;
    channel?: string;
  };
  "contact.channel_tested": {
    contact_id?: number;
    channel_id?: number;
  };
  "contact.removed": {
    contact_id?: number;
    agency?: string;
    role?: string;
  };
  "database.restored": {
    epoch?: string;
  };
  "delivery.accepted": {
    delivery_id?: number;
    about?: string;
    attempts?: number;
    problem?: string | null;
  };
  "delivery.delayed": {
    delivery_id?: number;
    about?: string;
    attempts?: number;
    problem?: string | null;
  };
  "delivery.failed": {
    delivery_id?: number;
    about?: string;
    attempts?: number;
    problem?: string | null;
  };
  "duty.added": {
    duty_id?: number;
    contact_id?: number;
    agency?: string;
  };
  "duty.checked_in": {
    duty_id?: number;
    contact_id?: number;
    agency?: string;
    by?: string;
  };
  "duty.removed": {
    duty_id?: number;
    contact_id?: number;
    agency?: string;
  };
  "duty.several_added": {
    agencies?: unknown[];
    duties?: number;
    by?: string;
  };
  "duty.swapped": {
    duty_id?: number;
    contact_id?: number;
    agency?: string;
    with_contact_id?: number;
  };
  "erasure.done": {
    location_reports?: number;
    delivery_recipients?: number;
    inbound_events?: number;
    contact_addresses?: number;
  };
  "exchange.started": {
    system?: string;
  };
  "ladder.delayed": {
    ladder_id?: number;
    clock?: string;
    instruction_id?: number;
    by_s?: number;
  };
  "ladder.fired": {
    ladder_id?: number;
    clock?: string;
    rung?: number;
    of?: number;
    who?: string;
    people?: number;
    hole?: boolean;
    late?: boolean;
  };
  "ladder.lost": {
    ladder_id?: number;
    clock?: string;
    rung?: number;
    who?: string;
  };
  "ladder.paused": {
    ladder_id?: number;
    clock?: string;
    reason?: string;
    until?: string;
  };
  "ladder.resumed": {
    ladder_id?: number;
    clock?: string;
  };
  "ladders.released": {
    ladders?: number;
    deliveries?: number;
    dropped?: number;
  };
  "landmark.added": {
    landmark_id?: number;
  };
  "landmark.retired": {
    landmark_id?: number;
  };
  "notice.answered_late": {
    notice_id?: number;
    answer?: string;
    channel?: string;
  };
  "notice.failed": {
    notice_id?: number;
  };
  "notice.reached": {
    notice_id?: number;
    level?: string;
    channel?: string;
  };
  "number.block_expired": {
    flag_id?: number;
  };
  "number.block_lifted": {
    flag_id?: number;
  };
  "number.evidence_undone": {
    flag_id?: number;
    flag?: string;
  };
  "number.flag_approved": {
    flag_id?: number;
    flag?: string;
    hours?: number;
  };
  "number.flag_rejected": {
    flag_id?: number;
    flag?: string;
  };
  "number.flag_withdrawn": {
    flag_id?: number;
    flag?: string;
  };
  "number.flagged": {
    flag_id?: number;
    flag?: string;
    count?: number;
  };
  "places.cleared": {
    import_id?: number;
  };
  "places.imported": {
    import_id?: number;
    kept?: number;
  };
  "seat.left": {
    seat?: string;
  };
  "seat.taken": {
    seat?: string;
    from_user_id?: number | null;
  };
  "session.closed": {
    session_ids?: unknown[];
  };
  "session.opened": {
    session_id?: number;
  };
  "session.revoked": {
    session_ids?: unknown[];
  };
  "session.wall": {
    session_id?: number;
  };
  "ticket.attached": {
    to?: string;
    to_id?: number;
  };
  "ticket.callback_given_up": {
    callback_id?: number;
    attempts?: number;
  };
  "ticket.callback_released": {
    callback_id?: number;
  };
  "ticket.callback_taken": {
    callback_id?: number;
  };
  "ticket.callback_tried": {
    callback_id?: number;
    outcome?: string;
    attempt?: number;
    attempt_id?: number;
  };
  "ticket.caller_note_added": {
    caller_note_id?: number;
    about?: string;
  };
  "ticket.caller_note_edited": {
    caller_note_id?: number;
    about?: string;
  };
  "ticket.caller_note_removed": {
    caller_note_id?: number;
    about?: string;
  };
  "ticket.claimed": {
    owner_id?: number;
    by?: string;
  };
  "ticket.classified": {
    classification?: string;
    type_code?: string | null;
    priority?: string | null;
  };
  "ticket.closed": {
    disposition?: string;
    note_id?: number | null;
    through?: string;
  };
  "ticket.detached": {
    owner_id?: number;
    from?: string;
  };
  "ticket.dispatched": {
    agencies?: unknown[];
    ticket_state?: string;
  };
  "ticket.draft_kept": {
    note_id?: number;
    typed_by?: number | null;
  };
  "ticket.draft_left": Record<string, never>;
  "ticket.got_through": {
    through?: string;
    callback_id?: number | null;
  };
  "ticket.instructed": {
    instruction_id?: number;
    office?: string;
    agency?: string | null;
  };
  "ticket.instruction_done": {
    instruction_id?: number;
    by?: string;
  };
  "ticket.joined": {
    joined?: string;
    callers?: number;
  };
  "ticket.located": {
    kelurahan_code?: string;
    approximate?: boolean;
  };
  "ticket.parted": {
    parted?: string;
    callers?: number;
  };
  "ticket.question_answered": {
    answer_id?: number;
    card?: string;
    question?: string;
    version?: number;
  };
  "ticket.released": {
    owner_id?: number | null;
  };
  "ticket.reopened": {
    undo?: boolean;
    was?: string;
    note_id?: number | null;
    by?: string;
  };
  "ticket.returned": {
    owner_id?: number;
    reason?: string;
  };
  "ticket.state_changed": {
    ticket_state?: string;
    was?: string;
  };
  "ticket.taken_by_phone": {
    owner_id?: number;
    from_id?: number;
    by?: string;
  };
  "ticket.taken_over": {
    owner_id?: number;
    from_id?: number | null;
    note_id?: number;
  };
  "ticket.words_added": {
    joined?: string;
  };
  "token.created": {
    user_id?: number;
    token_id?: number;
    scope?: string;
  };
  "token.revoked": {
    token_id?: number;
  };
  "user.created": {
    user_id?: number;
    role?: string;
    agency?: string | null;
  };
  "user.deactivated": {
    user_id?: number;
  };
  "user.password_changed": {
    user_id?: number;
  };
  "user.recovery_code_used": {
    user_id?: number;
  };
  "user.recovery_codes_renewed": {
    user_id?: number;
  };
  "user.second_factor_enrolled": {
    user_id?: number;
  };
  "user.second_factor_reset": {
    user_id?: number;
  };
}

/** What GET answers, by address. */
export interface Reads {
  "/api/v1/tickets": Tickets;
  "/api/v1/tickets/{number}": WholeTicket;
  "/api/v1/calls": Calls;
  "/api/v1/me": SignedIn;
  "/api/v1/snapshot": Snapshot;
  "/api/v1/journal": Events;
  "/api/v1/board": Board;
  "/api/v1/places": Places;
  "/api/v1/boundaries": Boundaries;
  "/api/v1/tickets/{number}/locations": Locations;
  "/api/v1/callbacks": Callbacks;
  "/api/v1/number-flags": NumberFlags;
  "/api/v1/landmarks": OwnLandmarks;
  "/api/v1/places/landmarks": MapLandmarks;
  "/api/v1/places/geocode": Places;
  "/api/v1/places/at": PointAnswer;
  "/api/v1/tickets/{number}/similar": SimilarTickets;
  "/api/v1/ladders": Ladders;
  "/api/v1/ladder-preview": LadderPreviews;
  "/api/v1/held": Held;
  "/api/v1/leader": LeaderOverview;
  "/api/v1/contacts": Contacts;
  "/api/v1/duties": Duties;
  "/api/v1/rosters": Rosters;
  "/api/v1/rosters/{agency}": RosterWeek;
  "/api/v1/rosters/{agency}/shift": ShiftView;
  "/api/v1/holes": Holes;
}

/** What POST is sent and answers, by address. */
export interface Writes {
  "/api/v1/tickets/{number}/claim": { sent: Nothing; answered: Done };
  "/api/v1/tickets/{number}/release": { sent: Nothing; answered: Done };
  "/api/v1/tickets/{number}/take-over": { sent: TakeOver; answered: Done };
  "/api/v1/tickets/{number}/classify": { sent: Classify; answered: Done };
  "/api/v1/tickets/{number}/locate": { sent: Locate; answered: Done };
  "/api/v1/tickets/{number}/dispatch": { sent: Dispatch; answered: Done };
  "/api/v1/tickets/{number}/close": { sent: Close; answered: Done };
  "/api/v1/tickets/{number}/reopen": { sent: Reopen; answered: Done };
  "/api/v1/tickets/{number}/end-call": { sent: EndCall; answered: Done };
  "/api/v1/assignments/{assignment_id}/acknowledge": { sent: Nothing; answered: Done };
  "/api/v1/assignments/{assignment_id}/decline": { sent: Decline; answered: Done };
  "/api/v1/assignments/{assignment_id}/en-route": { sent: StepInput; answered: Done };
  "/api/v1/assignments/{assignment_id}/on-scene": { sent: StepInput; answered: Done };
  "/api/v1/assignments/{assignment_id}/clear": { sent: Clear; answered: Done };
  "/api/v1/seat": { sent: TakeSeat; answered: Seated };
  "/api/v1/interpret": { sent: Interpret; answered: Interpretation };
  "/api/v1/tickets/{number}/request-location": { sent: RequestLocation; answered: RequestedLocation };
  "/api/v1/tickets/{number}/end-location": { sent: Nothing; answered: Done };
  "/api/v1/callbacks/{callback_id}/take": { sent: Nothing; answered: CallbackDone };
  "/api/v1/callbacks/{callback_id}/release": { sent: Nothing; answered: CallbackDone };
  "/api/v1/callbacks/{callback_id}/attempts": { sent: AttemptInput; answered: CallbackDone };
  "/api/v1/callbacks/{callback_id}/close": { sent: GiveUp; answered: CallbackDone };
  "/api/v1/tickets/{number}/caller-notes": { sent: NewNote; answered: NoteDone };
  "/api/v1/caller-notes/{note_id}/edit": { sent: NoteText; answered: NoteDone };
  "/api/v1/caller-notes/{note_id}/remove": { sent: Nothing; answered: NoteDone };
  "/api/v1/number-flags/{flag_id}/decide": { sent: DecideFlag; answered: FlagDone };
  "/api/v1/number-flags/{flag_id}/lift": { sent: LiftBlock; answered: FlagDone };
  "/api/v1/tickets/{number}/block-number": { sent: BlockNumber; answered: Done };
  "/api/v1/landmarks": { sent: AddLandmark; answered: AddedLandmark };
  "/api/v1/landmarks/{landmark_id}/retire": { sent: Nothing; answered: RetiredLandmark };
  "/api/v1/tickets/{number}/attach": { sent: Attach; answered: Done };
  "/api/v1/tickets/{number}/detach": { sent: Nothing; answered: Done };
  "/api/v1/tickets/{number}/words": { sent: CallerWords; answered: Done };
  "/api/v1/tickets/{number}/pause-clock": { sent: PauseClock; answered: Done };
  "/api/v1/tickets/{number}/resume-clock": { sent: ResumeClock; answered: Done };
  "/api/v1/tickets/{number}/release-held": { sent: ReleaseHeld; answered: Done };
  "/api/v1/tickets/{number}/drop-held": { sent: Nothing; answered: Done };
  "/api/v1/held/drop-messages": { sent: Nothing; answered: HeldDone };
  "/api/v1/leader/{number}/instruct": { sent: Instruct; answered: Instructed };
  "/api/v1/instructions/{instruction_id}/answer": { sent: AnswerInstruction; answered: Instructed };
  "/api/v1/tickets/{number}/answer": { sent: Answer; answered: Done };
  "/api/v1/tickets/{number}/draft": { sent: DraftInput; answered: DraftSaved };
  "/api/v1/keys": { sent: OwnKeys; answered: Keys };
  "/api/v1/calls/record": { sent: RecordLines; answered: RecordTaken };
  "/api/v1/contacts": { sent: AddContact; answered: RosterDone };
  "/api/v1/contacts/{contact_id}/change": { sent: ChangeContact; answered: RosterDone };
  "/api/v1/contacts/{contact_id}/remove": { sent: Nothing; answered: RosterDone };
  "/api/v1/contacts/{contact_id}/channels": { sent: SetChannels; answered: RosterDone };
  "/api/v1/contacts/{contact_id}/check-in": { sent: Nothing; answered: RosterDone };
  "/api/v1/contact-channels/{channel_id}/test": { sent: Nothing; answered: RosterDone };
  "/api/v1/contact-channels/{channel_id}/prove": { sent: ProveChannel; answered: RosterDone };
  "/api/v1/duties": { sent: AddDuty; answered: RosterDone };
  "/api/v1/duties/{duty_id}/remove": { sent: RemoveDuty; answered: RosterDone };
  "/api/v1/duties/{duty_id}/swap": { sent: SwapDuty; answered: RosterDone };
  "/api/v1/rosters/copy-week": { sent: CopyWeek; answered: RosterDone };
  "/api/v1/rosters/import": { sent: ImportRoster; answered: RosterDone };
  "/api/v1/browsers": { sent: KeepBrowser; answered: BrowserState };
  "/api/v1/browsers/forget": { sent: NamedBrowser; answered: BrowserDone };
  "/api/v1/browsers/test": { sent: NamedBrowser; answered: BrowserDone };
}
