// Whether the reader gets tickets: shown in the header, changed with one key. For longer: Teams.

import { LitElement, html, nothing, t } from "./parts.js";
import { feed } from "./live.js";
import { get, send, session } from "./session.js";

export const PRESENCE = { active: t("Here"), away: t("Away"), off: t("Off") };
const NEXT = { active: "away", away: "active", off: "active" };
const MEANS = { active: t("You get tickets. Press to be away for a while."), away: t("You get no new tickets. Press when you are back."), off: t("You are off and get no tickets. Press when you are back.") };

class Presence extends LitElement {
  static properties = { view: { state: true }, failed: { state: true } };

  constructor() {
    super();
    Object.assign(this, { view: null, failed: false, busy: false, next: null, begun: false });
    this.heard = ({ detail: { items, all } }) => this.begun && (all || items.some(({ type }) => type === "availability_changed")) && this.read();
  }

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    feed.addEventListener("heard", this.heard);
    feed.begun.then(() => {
      this.begun = true;
      this.read();
    });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    feed.removeEventListener("heard", this.heard);
  }

  read() {
    return this.ask(() => get("/v1/staff/me/availability"));
  }

  /** Here, or away for a while; who is off is here again. */
  switch() {
    const status = NEXT[this.view?.status];
    if (status) this.ask(() => send("PUT", "/v1/staff/me/availability", { status }), true);
  }

  /** One at a time; a key that is pressed while this reads counts. */
  async ask(what, pressed) {
    if (!session.signedIn) return;
    if (this.busy) return void (this.next = pressed ? what : this.next ?? what);
    this.busy = true;
    this.next = null;
    try {
      this.view = await what();
      this.failed = false;
    } catch {
      this.failed = true; // the button stays, and says so
    }
    this.busy = false;
    if (this.next) this.ask(this.next);
  }

  render() {
    if (!this.view) return nothing;
    const { status } = this.view;
    return html`<button type="button" class="btn plain presence is-${status}" title=${MEANS[status]} aria-keyshortcuts="m" @click=${this.switch}>${PRESENCE[status]}<kbd aria-hidden="true">M</kbd></button><span class="vh" role="status">${this.failed ? t("That did not reach us; you are still {status}.", { status: PRESENCE[status].toLowerCase() }) : t("You are {status}.", { status: PRESENCE[status].toLowerCase() })}</span>`;
  }
}

customElements.define("desk-presence", Presence);
