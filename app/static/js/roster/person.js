// A person at the right: channels with the date of the last test, a test, and the form to change who it is.

import { all, clone, data, fill, find, keyed, one, setIcon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { dateLine, moment } from "../core/time.js";
import { addressWords, CHANNEL_ICONS, CHANNELS, ROLES } from "./words.js";

/** @typedef {import("../payloads.d.ts").Contact} Contact */
/** @typedef {import("../payloads.d.ts").ContactChannel} ContactChannel */
/** @typedef {{name: string, role: string, area: string | null, username: string | null}} Who */

const areas = data("areas");

/**
 * @param {Contact | null} contact null: somebody new
 * @param {string} agency
 * @param {boolean} mayEdit
 */
export function showPerson(contact, agency, mayEdit) {
  const box = one("#person-box");
  const changed = box.dataset.contact !== String(contact?.id ?? "new");
  box.hidden = false;
  one("#side-empty").hidden = true;
  box.dataset.contact = String(contact?.id ?? "new");
  fill(box, {
    name: contact?.name ?? t("Orang baru"),
    role: contact ? roleWords(contact) : "",
    browsers: contact?.browsers ? t("Browser yang berbunyi walau halaman tertutup: {n}", { n: contact.browsers }) : "",
  });
  keyed(one("#person-channels"), contact?.channels ?? [], {
    key: (channel) => channel.id,
    make: () => clone("person-channel"),
    update: (node, channel) => showChannel(node, channel, mayEdit),
  });
  const edit = one("details#person-edit");
  edit.hidden = !mayEdit;
  if (!changed) return;
  sayPersonProblem("");
  edit.open = contact === null;
  fillForm(contact, agency);
}

/** @param {Contact} contact */
export const roleWords = (contact) =>
  [ROLES[contact.role] ?? contact.role, contact.area_name].filter(Boolean).join(" · ");

export function hidePerson() {
  one("#person-box").hidden = true;
  one("#person-box").dataset.contact = "";
}

/**
 * @param {HTMLElement} node
 * @param {ContactChannel} channel
 * @param {boolean} mayEdit
 */
function showChannel(node, channel, mayEdit) {
  node.dataset.channel = String(channel.id);
  node.dataset.proved = String(channel.proved);
  setIcon(one("svg", node), CHANNEL_ICONS[channel.channel] ?? "message-circle");
  const looks = channel.proved ? "check" : "circle-help";
  setIcon(one(".channel-state svg", node), looks);
  const tested = channel.tested_at ? dateLine(channel.tested_at).split(" ").slice(1).join(" ") : t("belum diuji");
  fill(node, {
    channel: CHANNELS[channel.channel] ?? channel.channel,
    address: addressWords(channel),
    tested: channel.waiting ? t("menunggu jawaban") : tested,
    problem: channel.problem && channel.problem_at ? t("gagal {time}", { time: moment(channel.problem_at) }) : "",
  });
  one("button[data-action=test]", node).hidden = !mayEdit;
  one("form.channel-code", node).hidden = !mayEdit || !channel.waiting;
}

/**
 * @param {Contact | null} contact
 * @param {string} agency
 */
function fillForm(contact, agency) {
  const form = one("form#person-form");
  for (const option of all("select[name=role] option", form))
    option.textContent = ROLES[/** @type {HTMLOptionElement} */ (option).value] ?? "";
  one("input[name=name]", form).value = contact?.name ?? "";
  one("select[name=role]", form).value = contact?.role ?? "duty";
  one("input[name=username]", form).value = contact?.username ?? "";
  const own = areas[agency] ?? [];
  one("#person-area", form).hidden = !own.length;
  const area = one("select[name=area]", form);
  area.replaceChildren(
    new Option(t("tanpa wilayah"), ""),
    ...own.map((each) => new Option(`${each.name} (${each.code})`, each.code)),
  );
  area.value = contact?.area ?? "";
  one("#edit-channels", form).replaceChildren();
  for (const channel of contact?.channels ?? []) addChannelRow(channel.channel, channel.address ?? "");
  if (!contact) addChannelRow("whatsapp", "");
  find("button[data-action=remove-contact]", form)?.toggleAttribute("hidden", contact === null);
}

export function addChannelRow(channel = "whatsapp", address = "") {
  const row = clone("edit-channel");
  const select = one("select[name=channel]", row);
  for (const option of select.options) option.textContent = CHANNELS[option.value] ?? option.value;
  if (![...select.options].some((option) => option.value === channel))
    select.append(new Option(CHANNELS[channel] ?? channel, channel));
  select.value = channel;
  one("input[name=address]", row).value = address;
  one("#edit-channels").append(row);
  return row;
}

/** @returns {Who} */
export function whoIsMeant() {
  const form = one("form#person-form");
  return {
    name: one("input[name=name]", form).value.trim(),
    role: one("select[name=role]", form).value,
    area: one("select[name=area]", form).value || null,
    username: one("input[name=username]", form).value.trim() || null,
  };
}

/** The channels as typed, in order; rows without an address are none. */
export const channelsMeant = () =>
  all("#edit-channels > li")
    .map((row) => ({
      channel: one("select[name=channel]", row).value,
      address: one("input[name=address]", row).value.trim(),
    }))
    .filter((way) => way.address);

/** @param {string} words */
export function sayPersonProblem(words) {
  const line = one("#person-problem");
  fill(line, { problem: words });
  line.hidden = !words;
}
