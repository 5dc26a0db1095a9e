// Dialogs: closing a ticket, giving a reason, sound and seat; the command list (Ctrl+K) and the search (/).
import { ApiError, get, post } from "../core/api.js";
import { all, fill, find, one } from "../core/dom.js";
import { named, t } from "../core/i18n.js";
import { phoneNumber } from "../core/phone-numbers.js";
import { CALLING_OFF } from "../core/rules.js";
import { geocoded } from "./geocoder.js";
import { Picker } from "./keys.js";
import { outsidePill, placeRest, placeUnder } from "./place-words.js";
import { lastCall } from "./store.js";

/** Open a dialog with the focus on `first`: by itself it would be on the button that closes it. */
const show = (id, first = ".dialog-title .icon-button") => {
  const dialog = document.getElementById(id);
  if (!dialog.open) dialog.showModal();
  one(first, dialog).focus();
};

for (const button of all('[data-action="close-dialog"]'))
  button.addEventListener("click", () => button.closest("dialog").close());

// A text field that gets the focus back from a dialog takes no letters in Chromium 156 until it gets it anew: what is
// typed into it would be lost.
document.addEventListener(
  "close",
  () => {
    const field = document.activeElement;
    if (!field?.matches("textarea, input")) return;
    field.blur();
    field.focus({ preventScroll: true });
  },
  true,
);

/** Say inside the dialog what is wrong; it stays open with everything that was typed. */
function problemIn(dialog, words) {
  const line = one(".dialog-problem", dialog);
  line.hidden = !words;
  line.textContent = words ?? "";
}

/** A form in a dialog: submit(values) says whether it may close; the button is off meanwhile. */
function onSubmit(id, submit) {
  const dialog = document.getElementById(id);
  const form = one("form", dialog);
  form.noValidate = true; // what is missing is said in the page's words and language, not in the browser's
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = one('[type="submit"]', form);
    button.disabled = true;
    try {
      if (await submit(new FormData(form), dialog)) dialog.close();
    } finally {
      button.disabled = false;
    }
  });
}

/** Closing: only the dispositions that the ticket's state allows. */
export function setUpClosing(actions, work, texts) {
  const dialog = document.getElementById("close-ticket");
  const note = one("[name=note]", dialog);
  let number = null; // of the ticket that was open then: the screen may follow the handset meanwhile
  const open = () => {
    const { ticket } = work;
    if (!ticket || !work.allows("close")) return;
    const underWay = ["dispatched", "in_progress"].includes(ticket.state);
    const cleared = ticket.assignments.some((one) => one.state === "cleared");
    ({ number } = ticket);
    one("form", dialog).reset();
    texts.follow(note, `close.${ticket.number}`);
    problemIn(dialog, null);
    const choices = all('[name="disposition"]', dialog);
    for (const choice of choices)
      choice.disabled = (underWay && !CALLING_OFF.includes(choice.value)) || (choice.value === "handled" && !cleared);
    // What calls agencies off is chosen by a hand, never by the first Enter.
    choices.find((choice) => !choice.disabled).checked = !underWay;
    one('[data-part="calls-off"]', dialog).hidden = !underWay;
    show("close-ticket", "[name=disposition]:enabled");
  };
  onSubmit("close-ticket", (values) => {
    const disposition = values.get("disposition");
    if (!disposition) {
      problemIn(dialog, t("Pilih dulu bagaimana berakhirnya."));
      return false;
    }
    return actions.command(number, "close", { disposition, note: values.get("note").trim() || null }, () => {
      texts.forget(note);
      return work.forgetDraft(number);
    });
  });
  actions.useDialogs({ close: open });
  return open;
}

/** Asking for words before a write: reopen, take over, the result that an agency telephoned. */
export function setUpReasons(actions, work, texts) {
  const field = find("#reason [name=reason]");
  let asked = null;
  const ask = (question) => {
    asked = { ...question, number: work.number };
    const dialog = document.getElementById("reason");
    one("form", dialog).reset();
    texts.follow(field, `${asked.kind}.${asked.assignment?.id ?? asked.number}`);
    problemIn(dialog, null);
    fill(dialog, { title: question.title, lead: question.lead, submit: question.submit });
    show("reason", "[name=reason]");
  };
  actions.useDialogs({ ask });
  const arrived = (done) => {
    if (done) texts.forget(field);
    return done;
  };
  onSubmit("reason", async (values, dialog) => {
    const reason = values.get("reason").trim();
    if (!reason) {
      problemIn(dialog, t("Isi dulu, satu kalimat cukup."));
      return false;
    }
    if (asked.kind === "clear") return arrived(await actions.report(asked.assignment, "clear", reason));
    return arrived(await actions.command(asked.number, asked.kind, { reason }, () => actions.onOpened(asked.number)));
  });
}

/** Volume, sound test, seat, signing out. */
export function setUpSettings({ sounds, me, onSeat, beforeSignOut }) {
  const dialog = document.getElementById("settings");
  const volume = one('[name="volume"]', dialog);
  volume.addEventListener("input", () => sounds.setVolume(Number(volume.value) / 100));
  one('[data-action="test-sound"]', dialog).addEventListener("click", () => {
    sounds.unlock();
    setTimeout(() => sounds.play("ringing"), 60);
  });
  one('[data-action="sign-out"]', dialog).addEventListener("click", async () => {
    await beforeSignOut();
    document.getElementById("sign-out").submit();
  });
  const seat = find('[name="seat"]', dialog);
  seat?.addEventListener("change", async () => {
    try {
      const { seat: taken } = await post("/api/v1/seat", { seat: seat.value });
      problemIn(dialog, null);
      onSeat(taken);
    } catch (problem) {
      problemIn(dialog, problem instanceof ApiError ? problem.message : t("Server tidak terjangkau."));
      seat.value = me().seat ?? "";
    }
  });
  return () => {
    volume.value = Math.round(sounds.volume * 100);
    if (seat) seat.value = me().seat ?? "";
    show("settings", "[name=volume]");
  };
}

/** Ctrl+K: every command that can be given now. */
export function setUpPalette(does) {
  const dialog = document.getElementById("palette");
  const picker = new Picker("palette-picker", {
    items: () => commands(does),
    onPick: (command) => {
      dialog.close();
      command.run();
    },
  });
  return () => {
    show("palette");
    picker.open();
  };
}

function commands({
  more = () => [],
  work,
  actions,
  incidents,
  pickers,
  openClosing,
  openSearch,
  openSettings,
  openHelp,
  takeSelected,
  takeLongest,
  askLocation,
}) {
  const keys = all("[data-classify]").filter((key) => !key.disabled);
  const list = work.number
    ? [
        !["none", "busy"].includes(actions.next?.kind) && {
          id: "send",
          title: one('[data-field="send-words"]').textContent,
          cap: "Ctrl Enter",
          run: () => actions.advance(),
        },
        incidents.best && {
          id: "join",
          title: t("Gabungkan ke tiket {short}", { short: incidents.best.short }),
          cap: "Ctrl G",
          run: () => incidents.join(),
        },
        work.allows("detach") && {
          id: "detach",
          title: t("Pisahkan dari tiket yang digabung"),
          run: () => incidents.detach(),
        },
        { id: "type", title: t("Cari jenis kejadian"), run: () => pickers.type.open() },
        { id: "place", title: t("Cari kelurahan atau tempat"), run: () => pickers.place.open() },
        { id: "agency", title: t("Tambah instansi"), run: () => pickers.agency.open() },
        ...keys.map((key) => ({
          id: key.dataset.classify,
          title: one("span", key).textContent,
          cap: one("kbd", key).textContent,
          run: () => actions.classify(key.dataset.classify),
        })),
        work.allows("request-location") && {
          id: "ask-location",
          title: t("Minta lokasi penelepon"),
          cap: "Ctrl ;",
          run: askLocation,
        },
        work.allows("close") && { id: "close", title: t("Tutup tiket"), run: openClosing },
        work.mine && work.allows("release") && { id: "release", title: t("Lepas tiket"), run: () => actions.release() },
        { id: "leave", title: t("Kembali ke daftar"), run: () => actions.leave() },
      ]
    : [{ id: "take", title: t("Ambil panggilan"), cap: "Enter", run: takeSelected }];
  return [
    ...list.filter(Boolean),
    { id: "longest", title: t("Ambil yang menunggu paling lama"), cap: "Shift Enter", run: takeLongest },
    { id: "search", title: t("Cari tiket, nomor, tempat"), cap: "/", run: openSearch },
    { id: "settings", title: t("Suara dan meja"), run: openSettings },
    ...more(),
    { id: "theme", title: t("Terang atau gelap"), run: () => one('[data-action="theme"]').click() },
    { id: "help", title: t("Peta tombol"), cap: "F1", run: openHelp },
  ];
}

/** "/": open tickets and waiting calls by number, telephone number, type or place. */
export function setUpSearch(store, onOpen) {
  const dialog = document.getElementById("search");
  const items = () =>
    [...store.tickets.values(), ...store.closed.values()].map((ticket) => {
      const numbers = [ticket, ...(ticket.joined ?? [])]
        .flatMap((caller) => caller.calls)
        .map((call) => `${call.number ?? ""} ${phoneNumber(call.number)} ${(call.number ?? "").replace(/^\+?62/, "0")}`)
        .join(" ");
      const title = ticket.type ? named(ticket.type) : phoneNumber(lastCall(ticket)?.number);
      return {
        id: ticket.number,
        title: `${ticket.short} ${title}`,
        under: [ticket.place?.text, ticket.place?.kelurahan, ticket.owner?.name].filter(Boolean).join(" · "),
        priority: ticket.priority,
        words: `${ticket.number} ${numbers} ${ticket.words ?? ""} ${ticket.place?.kecamatan ?? ""}`,
      };
    });
  const picker = new Picker("search-picker", {
    items,
    onPick: (item) => {
      dialog.close();
      onOpen(item.id);
    },
  });
  return () => {
    show("search");
    picker.open();
  };
}

/** The pickers inside the cards: type, place (kelurahan from the page itself, other places from the server), agency. */
export function setUpCardPickers(work, catalogue) {
  const back = () => work.entry.focus();
  const types = catalogue.types.map((type) => ({
    id: type.code,
    title: named(type),
    under: type.category,
    priority: type.priority,
    words: `${type.name_id} ${type.name_en}`,
  }));
  const wards = catalogue.kelurahan.map((ward) => ({
    id: `kelurahan-${ward.code}`,
    title: t("Kel. {name}", { name: ward.name }),
    under: t("Kec. {name}", { name: ward.kecamatan }),
    place: {
      key: `kelurahan-${ward.code}`,
      kind: "kelurahan",
      name: ward.name,
      kelurahan_code: ward.code,
      kelurahan: ward.name,
      kecamatan: ward.kecamatan,
      lat: null,
      lon: null,
    },
  }));
  const agencies = (catalogue.agencies ?? []).map((agency) => ({
    id: agency.code,
    title: agency.code,
    under: agency.name,
    words: agency.short_name,
  }));
  const pick = (choose) => (item) => {
    choose(item);
    back();
  };
  return {
    type: new Picker("type-picker", {
      items: () => types,
      onPick: pick((item) => work.choices.chooseType(item.id)),
      onLeave: back,
    }),
    place: new Picker("place-picker", {
      items: () => wards,
      more: [
        async (text, signal) => {
          const { items } = await get(`/api/v1/places?q=${encodeURIComponent(text)}`, { signal });
          return items.filter((place) => place.kind !== "kelurahan").map(pickable);
        },
        async (text, signal) => (await geocoded(text, { signal })).map(pickable),
      ],
      onPick: pick((item) => work.choices.choosePlace(item.place)),
      onLeave: back,
    }),
    agency: new Picker("agency-picker", {
      items: () => agencies,
      onPick: pick((item) => work.agencies.add(item.id)),
      onLeave: back,
    }),
  };
}

/** A place of the search, as a picker's row. */
const pickable = (place) => ({
  id: place.key,
  title: `${place.name}${placeRest(place) ?? ""}`,
  under: [outsidePill(place), placeUnder(place, {}).words].filter(Boolean).join(" · "),
  place,
});
