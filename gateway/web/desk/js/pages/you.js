// You: where you are signed in, how to end that, and which mails you want.

import { Page } from "../page.js";
import { at, button, html, nothing, repeat, t, tag, tn } from "../parts.js";
import { get, send, session } from "../session.js";
import { device, words } from "../words.js";

const MAILS = { assignments: t("When a colleague gives me a ticket"), replies: t("When a customer writes on a ticket of mine") };

class You extends Page {
  static follows = ["support"];

  constructor() {
    super();
    this.sessions = [];
    this.mails = null;
  }

  async load() {
    const [sessions, mails] = await Promise.all([get("/v1/sessions"), get("/v1/mail-choices")]);
    Object.assign(this, { sessions: sessions.items, mails });
  }

  end(one) {
    return this.act(() => send("DELETE", `/v1/sessions/${one.id}`), t("That session is over."));
  }

  /** Choose which mails come; the boxes show what is kept. */
  chooseMails(event) {
    const form = event.target.form;
    const wish = Object.fromEntries(Object.keys(MAILS).map((name) => [name, form.elements[name].checked]));
    return this.act(() => send("PUT", "/v1/mail-choices", wish), t("Your choice is kept."));
  }

  /** End all of them; this one is over with it, and the sign-in page comes. */
  async endAll() {
    await send("DELETE", "/v1/sessions");
    session.end();
  }

  keys() {
    return [{ key: "x", label: t("end all sessions"), run: () => this.endAll() }];
  }

  draw() {
    return html`<div class="head"><h1>${session.email} <small>${tn("{roles}; signed in at {n} place", "{roles}; signed in at {n} places", this.sessions.length, { roles: session.roles.map(words).join(", ") })}</small></h1>${button({ key: "x", label: t("End all, this one too"), stop: true, run: () => this.endAll() })}</div>
      <div class="stack"><div class="box scroll" tabindex="0"><table><caption class="vh">${t("Where you are signed in")}</caption><thead><tr><th scope="col">${t("Where")}</th><th scope="col">${t("Since")}</th><th scope="col">${t("Last used")}</th><th scope="col">${t("Ends, unless used")}</th><th scope="col">${t("Second factor")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        <tbody>${repeat(this.sessions, ({ id }) => id, (one) => html`<tr><td class="device" title=${one.device}>${device(one.device)} ${one.current ? tag(t("here"), "kept") : ""}</td><td>${at(one.created_at)}</td><td>${at(one.used_at)}</td><td>${at(one.ends_at)}</td><td>${one.second_factor ? t("shown") : t("not shown")}</td><td class="r">${button({ label: t("End"), run: () => this.end(one), hidden: one.current })}</td></tr>`)}</tbody></table></div>
      ${this.mails ? html`<form class="box in stack"><fieldset><legend>${t("Mails about your tickets")}</legend>
        ${Object.entries(MAILS).map(([name, label]) => html`<label class="choice"><input type="checkbox" name=${name} .checked=${this.mails[name]} ?disabled=${this.busy} @change=${this.chooseMails}> ${label}</label>`)}</fieldset>
        <p class="soft xs">${t("Mails about promises whose time runs out always come.")}</p></form>` : nothing}</div>`;
  }
}

customElements.define("desk-you", You);
