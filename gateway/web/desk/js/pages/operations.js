// Operations: messages that were given up, grouped by what went wrong, with their bodies and another chance; the proof
// of the journals; what will happen when; terms and keys in force.

import { RowsPage, keyOf } from "../page.js";
import { at, button, html, nothing, repeat, sign, tag } from "../parts.js";
import { get, send } from "../session.js";
import { capital, count, day, words } from "../words.js";

const OLD_KEY = 365;
/** What will happen, in words. */
const willHappen = ({ kind, what, does }) => ({ job: does || capital(words(what)), promise: `Notice about a promise: ${words(what)}`, retry: `Another try, of a message that could not be handled: ${words(what.replace(/^on_/, ""))}` })[kind];

/** One thing that went wrong, whatever the numbers in its text. */
const kindOf = ({ service, handler, error }) => `${service} ${handler} ${error.replaceAll(/[A-Z]{3}-[0-9A-Z-]+|[0-9a-f-]{16,}|\d+/g, "…")}`;

class Operations extends RowsPage {
  static properties = { verified: { state: true } };
  static follows = [];

  constructor() {
    super();
    Object.assign(this, { verified: null, upcoming: [], terms: [], signing: [], aside: [], codes: [], health: null, missing: [], moreOf: [] });
  }

  async load() {
    const [letters, upcoming, terms, keys, aside, codes, health] = await Promise.all([get("/v1/operations/dead-letters?limit=100"), get("/v1/operations/upcoming"), get("/v1/operations/terms"), get("/v1/operations/keys"), get("/v1/operations/mail-aside?limit=20"), get("/v1/scans/flaws?kind=unknown_code&limit=20").catch(() => ({ items: [] })), get("/v1/health").catch((problem) => problem)]);
    const groups = new Map();
    for (const letter of letters.items) groups.set(kindOf(letter), [...(groups.get(kindOf(letter)) ?? []), letter]);
    this.rows = [...groups].map(([key, group]) => ({ key, group, href: "/desk/operations", action: { key: "v", label: "Redrive", run: () => this.redrive(group) } }));
    Object.assign(this, { upcoming: upcoming.items, terms: terms.items, signing: keys.items, aside: aside.items, codes: codes.items, health, moreOf: letters.more, missing: [...new Set([...letters.missing, ...upcoming.missing])] });
  }

  keys() {
    return [...super.keys().filter(({ key }) => key !== "Enter"), { key: "c", label: "check the journals", run: () => this.verify() }];
  }

  redrive(group) {
    const [{ service }] = group;
    return this.act(() => send("POST", `/v1/operations/dead-letters/${service}`, { events: group.map(({ event_id: id }) => id) }), `${count(group.length, "message")} tried again.`);
  }

  verify() {
    return this.act(async () => (this.verified = { ...(await get("/v1/journal/verification")), at: new Date().toISOString() }), "The journals are checked.");
  }

  draw() {
    const letters = this.rows.reduce((sum, { group }) => sum + group.length, 0), services = Object.entries(this.health?.services ?? {});
    const away = services.filter(([, state]) => state !== "ok");
    return html`<div class="head"><h1>Operations <small>${letters ? `${count(letters, "message")} given up, in ${count(this.rows.length, "group")}` : "no message was given up"}; ${away.length ? `${away.map(([name]) => name).join(", ")} cannot work` : "all services work"}</small></h1></div>
      ${this.missing.length ? html`<p class="note risk">Without ${this.missing.join(" and ")}: it does not answer just now.</p>` : nothing}
      <div class="two"><div class="stack">
        <section class="box"><h2>Given up <span class="soft">grouped by what went wrong</span></h2>${this.rows.length === 0 ? html`<p class="in soft">Nothing: each message that came was handled.</p>` : repeat(this.rows, keyOf, (row, place) => this.drawGroup(row, place))}
          ${this.moreOf.length ? html`<p class="in soft">There are more of ${this.moreOf.join(" and ")}.</p>` : nothing}</section>
        ${this.aside.length ? html`<section class="box"><h2>Mail kept aside <span class="soft">in the folder Aside of our mailbox; moved back into the inbox, it is tried again</span></h2><ul class="in stack">${this.aside.map((mail) => html`<li><b class="whole">${mail.sender ?? "no sender"}</b> ${mail.reason}<span class="d">${at(mail.received_at)}, ${count(Math.ceil(mail.size / 1024), "kilobyte")}</span></li>`)}</ul></section>` : nothing}
        ${this.codes.length ? html`<section class="box"><h2>Codes of carriers that we do not know <span class="soft">they are kept, and change nothing</span></h2><ul class="in stack">${this.codes.map((code) => html`<li><b>${capital(code.carrier)}</b> <span class="whole">${code.detail}</span><span class="d">${count(code.times, "time")}, last ${at(code.last_at)}${code.tracking_number ? html`, <span class="mono">${code.tracking_number}</span>` : nothing}</span></li>`)}</ul></section>` : nothing}
        <section class="box"><h2>Journals ${button({ key: "c", label: "Check them now", run: () => this.verify(), disabled: this.busy })}</h2><div class="in">${this.drawProof()}</div></section>
        <section class="box scroll" tabindex="0" aria-label="Terms"><h2>Terms in force <span class="soft">clocks that run keep those they were started with</span></h2><table><caption class="vh">Terms in force</caption><thead><tr><th scope="col">Promise</th><th scope="col">Within</th><th scope="col">Service</th><th scope="col">Version</th></tr></thead><tbody>${this.terms.map((term) => html`<tr><th scope="row">${capital(words(term.kind).replace(".", ": "))}</th><td>${term.words}</td><td>${term.service}</td><td>${term.version}</td></tr>`)}</tbody></table></section>
      </div><aside class="stack" aria-label="What will happen, keys">
        <section class="box"><h2>What will happen when</h2>${this.upcoming.length === 0 ? html`<p class="in soft">Nothing is planned.</p>` : html`<ol class="in when">${this.upcoming.slice(0, 40).map((each) => html`<li><b>${at(each.at)}</b> ${willHappen(each)}<span class="d">${each.service}${each.order_number ? html`, <a class="mono" href="/desk/orders/${each.order_number}">${each.order_number}</a>` : each.subject ? html`, <span class="mono">${each.subject}</span>` : nothing}</span></li>`)}</ol>`}</section>
        <section class="box"><h2>Services</h2><ul class="in">${services.map(([name, state]) => html`<li class="acts">${tag(words(state), state === "ok" ? "kept" : "late")} ${name}</li>`)}</ul></section>
        <section class="box"><h2>Keys that sign</h2><ul class="in stack">${this.signing.map((key) => html`<li><b>${capital(key.purpose)}</b> <span class="mono">${key.name}</span><span class="d">${key.days === null ? "its name has no date" : `${count(key.days, "day")} old, made ${day(key.made_on)}`}</span>${key.days !== null && key.days > OLD_KEY ? tag("change it", "risk") : nothing}</li>`)}</ul></section>
      </aside></div>`;
  }

  drawGroup({ key, group }, place) {
    const [first] = group;
    return html`<details class="group ${place === this.here ? "here" : ""}" @focusin=${() => (this.here = place)}><summary><b class="count">${group.length}</b> <span><span class="mono whole">${first.error}</span><span class="d">${first.service}, ${first.handler}; since ${at(first.dead_at)}</span></span></summary>
      <div class="in stack">${group.slice(0, 3).map((letter) => html`<pre tabindex="0" aria-label="Body of ${letter.event_id}">${JSON.stringify(letter.message, null, 2)}</pre>`)}${group.length > 3 ? html`<p class="soft">And ${group.length - 3} more of the kind.</p>` : nothing}
        <p class="soft xs">Mend the cause first: what fails again comes back here.</p>
        <div class="acts">${button({ key: place === this.here ? "v" : undefined, label: `Redrive ${group.length === 1 ? "it" : `all ${group.length}`}`, go: true, run: () => this.redrive(group), disabled: this.busy })}</div></div></details>`;
  }

  drawProof() {
    if (!this.verified) return html`<p class="soft">Each entry carries the hash of the one before it. Check them to see that nothing was changed, removed or slipped in.</p>`;
    const flaws = Object.entries(this.verified.services).flatMap(([service, found]) => found.map((flaw) => ({ service, ...flaw })));
    return html`<p>${flaws.length ? html`${sign("late")} ${count(flaws.length, "flaw")}` : html`${sign("kept")} Every chain of ${Object.keys(this.verified.services).join(", ")} is whole`} <span class="d">checked ${at(this.verified.at)}</span></p>
      ${this.verified.missing.length ? html`<p class="note risk">Not checked: ${this.verified.missing.join(", ")}.</p>` : nothing}
      ${flaws.length ? html`<ul>${flaws.map((flaw) => html`<li><span class="mono">${flaw.subject}</span>, entry ${flaw.subject_seq}: ${flaw.what}</li>`)}</ul>` : nothing}`;
  }
}

customElements.define("desk-operations", Operations);
