// A cell for each agency that could be sent: who is on duty, by which channels, and the next two rungs; a hole has the
// number to dial in their place. What is not known is a grey line, and nothing here ever stops a dispatch.
import { all, clone, fill, keyed, one, setAttribute, setIcon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { capital, channelName, shortWho, whoOnLadder } from "../core/ladder-words.js";
import { length } from "../core/time.js";

/**
 * @typedef {import("../payloads.d.ts").AgencyPreview} AgencyPreview
 * @typedef {import("../payloads.d.ts").PersonPreview} PersonPreview
 * @typedef {import("../payloads.d.ts").RungPreview} RungPreview
 * @typedef {import("./previews.js").Known} Known
 */

const NEXT = 2;

/**
 * Who is told at once, and by what: "Asep · WhatsApp → SMS".
 * @param {AgencyPreview} preview
 */
export function whoWords({ rungs, tested }) {
  const people = rungs[0]?.people ?? [];
  const first = people.find(({ channels, at_screen: here }) => channels.length || here);
  if (!first) return "";
  const name = people.length > 1 ? `${first.name} +${people.length - 1}` : first.name;
  const ways = first.channels.length ? first.channels.map(channelName).join(" → ") : t("layar instansi");
  return [name, ways, first.channels.length && !tested ? t("belum teruji") : null].filter(Boolean).join(" · ");
}

/**
 * The first of its people has not said that the shift has begun.
 * @param {AgencyPreview} preview
 */
const isNotReady = ({ rungs }) => rungs[0]?.people[0]?.checked_in === false;

/**
 * @param {HTMLElement} node
 * @param {Known | undefined} known undefined: nobody asks, such as for a colleague's ticket
 * @param {boolean} unfolded
 */
export function drawCell(node, known, unfolded) {
  const preview = known && known !== "failed" ? known : null;
  const hole = preview?.hole ?? false;
  setAttribute(node, "data-hole", hole || null);
  setAttribute(node, "data-look", known === "failed" || (preview && isNotReady(preview)) ? "amber" : null);
  one('[data-part="loading"]', node).hidden = known !== null;
  const sign = one("svg[data-part=sign]", node);
  const icon = hole
    ? "unplug"
    : known === "failed"
      ? "wifi-off"
      : preview && isNotReady(preview)
        ? "triangle-alert"
        : null;
  sign.toggleAttribute("hidden", icon === null);
  if (icon) setIcon(sign, icon);
  fill(node, {
    who: hole
      ? t("tanpa kanal")
      : known === "failed"
        ? t("piket belum terbaca: kirim tetap jalan")
        : preview && [isNotReady(preview) ? t("belum SIAP") : null, whoWords(preview)].filter(Boolean).join(" · "),
    number: hole ? (preview?.phone ?? t("nomor belum ada")) : null,
  });
  one('[data-part="hole"]', node).hidden = !hole;
  const button = one('[data-part="ladder"]', node);
  button.hidden = !preview || hole;
  setAttribute(button, "aria-expanded", String(unfolded));
  const next = preview && !hole ? preview.rungs.slice(1, 1 + NEXT) : [];
  all(".ladder-next", button).forEach((line, place) => {
    const rung = next[place];
    line.hidden = !rung;
    if (rung) fill(line, { after: length(rung.after_s), next: shortWho(rung.who) });
  });
  drawFull(node, preview, unfolded);
}

/**
 * The full ladder under the cell: every rung with its people and their channels.
 * @param {HTMLElement} node
 * @param {AgencyPreview | null} preview
 * @param {boolean} unfolded
 */
function drawFull(node, preview, unfolded) {
  const room = one('[data-part="full"]', node);
  room.hidden = !unfolded || !preview;
  if (room.hidden || !preview) return;
  keyed(
    room,
    preview.rungs.map((rung, place) => ({ rung, place })),
    {
      key: ({ place }) => place,
      make: () => clone("rung"),
      update: (line, { rung }) => {
        setAttribute(line, "data-look", rung.hole ? "amber" : "plain");
        setIcon(line.firstElementChild, rung.hole ? "unplug" : "corner-down-right");
        fill(line, { at: length(rung.after_s), words: `${capital(whoOnLadder(rung.who))}: ${peopleWords(rung)}` });
      },
    },
  );
}

/** @param {RungPreview} rung */
const peopleWords = ({ people, hole }) =>
  hole
    ? t("tanpa kanal, langsung ke berikutnya")
    : people
        .map(({ name, channels }) => [name, channels.map(channelName).join(" → ")].filter(Boolean).join(" "))
        .join(", ");
