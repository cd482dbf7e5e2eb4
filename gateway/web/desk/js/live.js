// What happens elsewhere, as it happens: one stream for the whole desk, which comes back by itself.
//
//   feed.addEventListener("heard", ({ detail }) => …)    // {items, all?}; `all` whenever the stream was opened
//   feed.addEventListener("viewers", ({ detail }) => …)  // who else looks at the ticket that this tab looks at
//   feed.addEventListener("state", () => feed.state)     // "live" or "waiting"
//   feed.tab                                             // the name of this tab, another one for each stream
//   await feed.begun                                     // what is read from now on misses nothing, as a rule
//
// What was read before the stream was open may have changed unheard: `all` says so. Who reads after `begun` is spared that.

import { newKey } from "/web/js/api.js";
import { follow } from "/web/js/live.js";
import { get, session } from "./session.js";

const PAUSE = 2000; // milliseconds before a stream that was refused is asked for again
const SOON = 500; // milliseconds in which a stream is open as a rule; reading waits no longer for it

class Feed extends EventTarget {
  constructor() {
    super();
    Object.assign(this, { state: "waiting", stop: () => {}, of: null, refused: 0, tab: newKey(), begun: Promise.resolve() });
  }

  /** Follow in the name of who is signed in; nobody is: follow nothing. */
  open() {
    if (this.of === session.token) return;
    this.close();
    this.of = session.token;
    if (!this.of) return;
    this.begun = new Promise((resolve) => setTimeout((this.began = resolve), SOON));
    this.follow();
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
      this.refused = 0;
      this.dispatchEvent(new CustomEvent("heard", { detail: { items: [], all: true } }));
    }
    if (this.state !== was) this.dispatchEvent(new Event("state"));
    if (state === "over") setTimeout(() => this.renew(this.of), this.refused++ ? PAUSE : 0); // a token that is over is renewed at once
    this.began();
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
    Object.assign(this, { state: "waiting", refused: 0, of: null, stop: () => {} });
  }
}

export const feed = new Feed();
