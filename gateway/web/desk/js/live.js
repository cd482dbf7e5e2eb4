// What happens elsewhere, as it happens: one stream for the whole desk, which comes back by itself.
//
//   feed.addEventListener("heard", ({ detail }) => …)    // {items, all?}; `all` too when the stream was opened anew
//   feed.addEventListener("viewers", ({ detail }) => …)  // who else looks at the ticket that this tab looks at
//   feed.addEventListener("state", () => feed.state)     // "live" or "waiting"
//   feed.tab                                             // the name of this tab, another one for each stream

import { newKey } from "/web/js/api.js";
import { follow } from "/web/js/live.js";
import { get, session } from "./session.js";

const PAUSE = 2000; // milliseconds before a stream that was refused is asked for again

class Feed extends EventTarget {
  constructor() {
    super();
    Object.assign(this, { state: "waiting", stop: () => {}, of: null, opened: false, tab: newKey() });
  }

  /** Follow in the name of who is signed in; nobody is: follow nothing. */
  open() {
    if (this.of === session.token) return;
    this.close();
    this.of = session.token;
    if (this.of) this.follow();
  }

  follow() {
    const of = this.of;
    this.stop = follow(() => `/v1/desk/stream?tab=${(this.tab = newKey())}`, () => session.newest, {
      name: ["changed", "viewers"],
      onEntry: (detail, name) => this.dispatchEvent(new CustomEvent(name === "changed" ? "heard" : name, { detail })),
      onState: (state) => of === this.of && this.turn(state),
    });
  }

  turn(state) {
    const was = this.state;
    this.state = state === "live" ? "live" : "waiting";
    if (this.state === "live" && was !== "live") {
      if (this.opened) this.dispatchEvent(new CustomEvent("heard", { detail: { items: [], all: true } }));
      this.opened = true;
    }
    if (this.state !== was) this.dispatchEvent(new Event("state"));
    if (state === "over") setTimeout(() => this.renew(this.of), PAUSE);
  }

  /** The token was refused: reading anything gets the next one, or ends the session; then follow again. */
  async renew(of) {
    if (of !== this.of || !of) return;
    try {
      await get("/v1/sessions");
    } catch (problem) {
      if (problem.status === 401) return;
      setTimeout(() => this.renew(of), PAUSE);
      return;
    }
    if (of === this.of) this.follow();
  }

  close() {
    this.stop();
    Object.assign(this, { state: "waiting", opened: false, of: null, stop: () => {} });
  }
}

export const feed = new Feed();
