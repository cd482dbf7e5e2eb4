// What happens elsewhere, as it happens: one stream for the whole desk, which comes back by itself.
//
//   feed.addEventListener("heard", ({ detail }) => …)    // {items, all?}; `all` too when the stream was opened anew
//   feed.addEventListener("state", () => feed.state)     // "live" or "waiting"

import { follow } from "/web/js/live.js";
import { get, session } from "./session.js";

const PAUSE = 2000; // milliseconds before a stream that was refused is asked for again

class Feed extends EventTarget {
  constructor() {
    super();
    Object.assign(this, { state: "waiting", stop: () => {}, of: null, opened: false });
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
    this.stop = follow("/v1/desk/stream", () => session.newest, {
      name: "changed",
      onEntry: (detail) => this.dispatchEvent(new CustomEvent("heard", { detail })),
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
