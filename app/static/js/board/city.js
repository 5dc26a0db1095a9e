// The city with a pin for every open ticket; only a pin whose clock needs somebody carries a number.
import { clockLook, serverNow } from "../core/clocks.js";
import { one } from "../core/dom.js";
import { createMap } from "../map/map.js";

/** @typedef {import("../payloads.d.ts").Pin} Pin */

/** @param {import("../types.d.ts").CityView} city */
export function makeCityMap({ centre, bbox }) {
  const ready = createMap(one("#map"), { boundariesUrl: "/api/v1/boundaries", centre, bbox, interactive: false });
  let looks = "";

  /**
   * @param {Pin[]} pins
   * @param {number} now
   * @returns {import("../map/map-pins.js").MapPin[]}
   */
  const dressed = (pins, now) =>
    pins.map(({ short, priority, lat, lon, due_at: due, clock_started_at: started }) => {
      const look = due ? clockLook(started, due, now) : null;
      const alert = look === "late" || look === "near" ? look : null;
      return { id: short, label: alert && short, priority, icon: null, lat, lon, alert };
    });

  /** @param {Pin[]} pins */
  function show(pins, now = serverNow()) {
    const list = dressed(pins, now);
    looks = list.map(({ alert }) => alert).join();
    ready.then(
      (map) => map.setPins(list),
      (problem) => console.warn("the board has no map:", String(problem)),
    );
  }

  return {
    show,
    /**
     * @param {number} now
     * @param {Pin[]} pins
     */
    tick(now, pins) {
      if (
        dressed(pins, now)
          .map(({ alert }) => alert)
          .join() !== looks
      )
        show(pins, now);
    },
  };
}
