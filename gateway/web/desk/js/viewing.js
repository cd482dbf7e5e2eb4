// Who else has a conversation open, and who writes on it now: said by each tab, and heard over the stream of the desk.
//
//   this.viewing = new Viewing(this);      a controller of a page, which is drawn again when it changes
//   this.viewing.look("TIC-…")             what the page shows; null for nothing
//   this.viewing.wrote(); .rests()         a key was pressed in the answer; it was sent
//   this.viewing.draw()                    who else is there

import { feed } from "./live.js";
import { html, tn } from "./parts.js";
import { send, session } from "./session.js";
import { all, person } from "./words.js";

const BEAT = 25_000; // milliseconds after which it is said again
const RESTS = 20_000; // without a key, after which nobody is said to write
const UNSEEN = 300_000; // after which a tab that nobody sees looks at nothing

const named = (those) => all(those.map(({ email }) => person(email)));

export class Viewing {
  constructor(page) {
    Object.assign(this, { page, ticket: null, writing: false, others: [], beat: 0, said: Promise.resolve(), hidden: 0 });
    this.heard = ({ detail }) => this.take(detail);
    this.turned = () => this.ticket && this.say();
    this.seen = () => this.turnTo(document.hidden);
    page.addController(this);
  }

  hostConnected() {
    feed.addEventListener("viewers", this.heard);
    feed.addEventListener("state", this.turned);
    document.addEventListener("visibilitychange", this.seen);
    this.beating = setInterval(() => this.ticket && this.say(), BEAT);
  }

  hostDisconnected() {
    feed.removeEventListener("viewers", this.heard);
    feed.removeEventListener("state", this.turned);
    document.removeEventListener("visibilitychange", this.seen);
    clearInterval(this.beating);
    this.look(null);
  }

  turnTo(hidden) {
    this.hidden = hidden ? Date.now() : 0;
    if (!hidden && this.ticket) this.say();
  }

  look(ticket) {
    if (ticket === this.ticket) return;
    clearTimeout(this.resting);
    Object.assign(this, { ticket, writing: false, others: [] });
    this.say();
  }

  wrote() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rests(), RESTS);
    if (this.writing) return;
    this.writing = true;
    this.say();
  }

  rests() {
    clearTimeout(this.resting);
    if (!this.writing) return;
    this.writing = false;
    this.say();
  }

  /** Say what is true now, one time after the other; the stream answers. Where that fails, the next time says it. */
  say() {
    this.said = this.said.then(async () => {
      if (!session.signedIn || feed.state !== "live") return;
      const { ticket, writing } = this, unseen = this.hidden && Date.now() - this.hidden > UNSEEN;
      const looks = ticket && !unseen ? { ticket_number: ticket, writing } : {};
      this.beat += 1;
      try {
        await send("PUT", "/v1/desk/viewing", { tab: feed.tab, beat: this.beat, ...looks }, { key: null, keepalive: true });
      } catch {
        // who else looks is not known just now
      }
    });
  }

  take({ ticket_number: number, items }) {
    if (number !== this.ticket) return;
    this.others = items;
    this.page.requestUpdate();
  }

  draw() {
    const writing = this.others.filter((each) => each.writing), looking = this.others.filter((each) => !each.writing);
    const words = [
      writing.length && tn("{names} writes here now.", "{names} write here now.", writing.length, { names: named(writing) }),
      looking.length && tn("{names} has this open too.", "{names} have this open too.", looking.length, { names: named(looking) }),
    ].filter(Boolean).join(" ");
    return html`<p class="viewers ${writing.length ? "note risk" : "soft xs"}" role="status">${words}</p>`;
  }
}
