// You: where you are signed in, and how to end that.

import { Page } from "../page.js";
import { at, button, html, repeat, tag } from "../parts.js";
import { get, send, session } from "../session.js";
import { count } from "../words.js";

class You extends Page {
  static follows = ["support"];

  constructor() {
    super();
    this.sessions = [];
  }

  async load() {
    this.sessions = (await get("/v1/sessions")).items;
  }

  end(one) {
    return this.act(() => send("DELETE", `/v1/sessions/${one.id}`), "That session is over.");
  }

  /** End all of them; this one is over with it, and the sign-in page comes. */
  async endAll() {
    await send("DELETE", "/v1/sessions");
    session.end();
  }

  keys() {
    return [{ key: "x", label: "end all sessions", run: () => this.endAll() }];
  }

  draw() {
    return html`<div class="head"><h1>${session.email} <small>${session.roles.join(", ")}; signed in at ${count(this.sessions.length, "place")}</small></h1>${button({ key: "x", label: "End all, this one too", stop: true, run: () => this.endAll() })}</div>
      <div class="box scroll" tabindex="0"><table><caption class="vh">Where you are signed in</caption><thead><tr><th scope="col">Where</th><th scope="col">Since</th><th scope="col">Last used</th><th scope="col">Ends, unless used</th><th scope="col">Second factor</th><th scope="col"><span class="vh">Action</span></th></tr></thead>
        <tbody>${repeat(this.sessions, ({ id }) => id, (one) => html`<tr><td class="device">${one.device || "unknown"} ${one.current ? tag("here", "kept") : ""}</td><td>${at(one.created_at)}</td><td>${at(one.used_at)}</td><td>${at(one.ends_at)}</td><td>${one.second_factor ? "shown" : "not shown"}</td><td class="r">${button({ label: "End", run: () => this.end(one), hidden: one.current })}</td></tr>`)}</tbody></table></div>`;
  }
}

customElements.define("desk-you", You);
