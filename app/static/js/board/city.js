// The city with a pin for every open ticket; only a pin whose clock needs somebody carries a number.
import { clockLook, serverNow } from "../core/clocks.js";
import { one } from "../core/dom.js";
import { createMap } from "../map/map.js";

/** Returns {show(pins), tick(now, pins)}; pins: [{short, priority, lat, lon, due_at}] */
export function makeCityMap({ centre, bbox }) {
  const ready = createMap(one("#map"), { boundariesUrl: "/api/v1/boundaries", centre, bbox, interactive: false });
  let looks = "";

  const dressed = (pins, now) =>
    pins.map(({ short, priority, lat, lon, due_at: due, clock_started_at: started = null }) => {
      const look = due ? clockLook(started, due, now) : null;
      const alert = look === "late" || look === "near" ? look : null;
      return { id: short, label: alert && short, priority, icon: null, lat, lon, alert };
    });

  function show(pins, now = serverNow()) {
    const list = dressed(pins, now);
    looks = list.map(({ alert }) => alert).join();
    ready.then((map) => map.setPins(list));
  }

  return {
    show,
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
