// Operations: messages that were given up, grouped by what went wrong, with their bodies and another chance; the proof
// of the journals; what will happen when; terms and keys in force.

import { RowsPage, keyOf } from "../page.js";
import { at, button, html, nothing, parts, repeat, sign, t, tag, tn } from "../parts.js";
import { get, send } from "../session.js";
import { all, capital, day, words } from "../words.js";

const OLD_KEY = 365;
/** What will happen, in words. */
const willHappen = ({ kind, what, does }) => ({ job: does || capital(words(what)), promise: t("Notice about a promise: {what}", { what: words(what) }), retry: t("Another try, of a message that could not be handled: {what}", { what: words(what.replace(/^on_/, "")) }) })[kind];

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
    this.rows = [...groups].map(([key, group]) => ({ key, group, href: "/desk/operations", action: { key: "v", label: t("Redrive"), run: () => this.redrive(group) } }));
    Object.assign(this, { upcoming: upcoming.items, terms: terms.items, signing: keys.items, aside: aside.items, codes: codes.items, health, moreOf: letters.more, missing: [...new Set([...letters.missing, ...upcoming.missing])] });
  }

  keys() {
    return [...super.keys().filter(({ key }) => key !== "Enter"), { key: "c", label: t("check the journals"), run: () => this.verify() }];
  }

  redrive(group) {
    const [{ service }] = group;
    return this.act(() => send("POST", `/v1/operations/dead-letters/${service}`, { events: group.map(({ event_id: id }) => id) }), tn("{n} message tried again.", "{n} messages tried again.", group.length));
  }

  verify() {
    return this.act(async () => (this.verified = { ...(await get("/v1/journal/verification")), at: new Date().toISOString() }), t("The journals are checked."));
  }

  draw() {
    const letters = this.rows.reduce((sum, { group }) => sum + group.length, 0), services = Object.entries(this.health?.services ?? {});
    const away = services.filter(([, state]) => state !== "ok");
    return html`<div class="head"><h1>${t("Operations")} <small>${letters ? t("{messages} given up, in {groups}", { messages: tn("{n} message", "{n} messages", letters), groups: tn("{n} group", "{n} groups", this.rows.length) }) : t("no message was given up")}; ${away.length ? t("{services} cannot work", { services: away.map(([name]) => name).join(", ") }) : t("all services work")}</small></h1></div>
      ${this.missing.length ? html`<p class="note risk">${t("Without {services}: it does not answer just now.", { services: all(this.missing) })}</p>` : nothing}
      <div class="two"><div class="stack">
        <section class="box"><h2>${t("Given up")} <span class="soft">${t("grouped by what went wrong")}</span></h2>${this.rows.length === 0 ? html`<p class="in soft">${t("Nothing: each message that came was handled.")}</p>` : repeat(this.rows, keyOf, (row, place) => this.drawGroup(row, place))}
          ${this.moreOf.length ? html`<p class="in soft">${t("There are more of {services}.", { services: all(this.moreOf) })}</p>` : nothing}</section>
        ${this.aside.length ? html`<section class="box"><h2>${t("Mail kept aside")} <span class="soft">${t("in the folder Aside of our mailbox; moved back into the inbox, it is tried again")}</span></h2><ul class="in stack">${this.aside.map((mail) => html`<li><b class="whole">${mail.sender ?? t("no sender")}</b> ${mail.reason}<span class="d">${at(mail.received_at)}, ${tn("{n} kilobyte", "{n} kilobytes", Math.ceil(mail.size / 1024))}</span></li>`)}</ul></section>` : nothing}
        ${this.codes.length ? html`<section class="box"><h2>${t("Codes of carriers that we do not know")} <span class="soft">${t("they are kept, and change nothing")}</span></h2><ul class="in stack">${this.codes.map((code) => html`<li><b>${capital(code.carrier)}</b> <span class="whole">${code.detail}</span><span class="d">${parts("{times}, last {at}", { times: tn("{n} time", "{n} times", code.times), at: at(code.last_at) })}${code.tracking_number ? html`, <span class="mono">${code.tracking_number}</span>` : nothing}</span></li>`)}</ul></section>` : nothing}
        <section class="box"><h2>${t("Journals")} ${button({ key: "c", label: t("Check them now"), run: () => this.verify(), disabled: this.busy })}</h2><div class="in">${this.drawProof()}</div></section>
        <section class="box scroll" tabindex="0" aria-label=${t("Terms")}><h2>${t("Terms in force")} <span class="soft">${t("clocks that run keep those they were started with")}</span></h2><table><caption class="vh">${t("Terms in force")}</caption><thead><tr><th scope="col">${t("Promise")}</th><th scope="col">${t("Within")}</th><th scope="col">${t("Service")}</th><th scope="col">${t("Version")}</th></tr></thead><tbody>${this.terms.map((term) => html`<tr><th scope="row">${capital(words(term.kind).replace(".", ": "))}</th><td>${term.words}</td><td>${term.service}</td><td>${term.version}</td></tr>`)}</tbody></table></section>
      </div><aside class="stack" aria-label=${t("What will happen, keys")}>
        <section class="box"><h2>${t("What will happen when")}</h2>${this.upcoming.length === 0 ? html`<p class="in soft">${t("Nothing is planned.")}</p>` : html`<ol class="in when">${this.upcoming.slice(0, 40).map((each) => html`<li><b>${at(each.at)}</b> ${willHappen(each)}<span class="d">${each.service}${each.order_number ? html`, <a class="mono" href="/desk/orders/${each.order_number}">${each.order_number}</a>` : each.subject ? html`, <span class="mono">${each.subject}</span>` : nothing}</span></li>`)}</ol>`}</section>
        <section class="box"><h2>${t("Services")}</h2><ul class="in">${services.map(([name, state]) => html`<li class="acts">${tag(words(state), state === "ok" ? "kept" : "late")} ${name}</li>`)}</ul></section>
        <section class="box"><h2>${t("Keys that sign")}</h2><ul class="in stack">${this.signing.map((key) => html`<li><b>${capital(words(key.purpose))}</b> <span class="mono">${key.name}</span><span class="d">${key.days === null ? t("its name has no date") : tn("{n} day old, made {day}", "{n} days old, made {day}", key.days, { day: day(key.made_on) })}</span>${key.days !== null && key.days > OLD_KEY ? tag(t("change it"), "risk") : nothing}</li>`)}</ul></section>
      </aside></div>`;
  }

  drawGroup({ key, group }, place) {
    const [first] = group;
    return html`<details class="group ${place === this.here ? "here" : ""}" @focusin=${() => (this.here = place)}><summary><b class="count">${group.length}</b> <span><span class="mono whole">${first.error}</span><span class="d">${parts("{service}, {handler}; since {at}", { service: first.service, handler: first.handler, at: at(first.dead_at) })}</span></span></summary>
      <div class="in stack">${group.slice(0, 3).map((letter) => html`<pre tabindex="0" aria-label=${t("Body of {event_id}", { event_id: letter.event_id })}>${JSON.stringify(letter.message, null, 2)}</pre>`)}${group.length > 3 ? html`<p class="soft">${t("And {n} more of the kind.", { n: group.length - 3 })}</p>` : nothing}
        <p class="soft xs">${t("Mend the cause first: what fails again comes back here.")}</p>
        <div class="acts">${button({ key: place === this.here ? "v" : undefined, label: group.length === 1 ? t("Redrive it") : t("Redrive all {n}", { n: group.length }), go: true, run: () => this.redrive(group), disabled: this.busy })}</div></div></details>`;
  }

  drawProof() {
    if (!this.verified) return html`<p class="soft">${t("Each entry carries the hash of the one before it. Check them to see that nothing was changed, removed or slipped in.")}</p>`;
    const flaws = Object.entries(this.verified.services).flatMap(([service, found]) => found.map((flaw) => ({ service, ...flaw })));
    return html`<p>${flaws.length ? html`${sign("late")} ${tn("{n} flaw", "{n} flaws", flaws.length)}` : html`${sign("kept")} ${t("Every chain of {services} is whole", { services: Object.keys(this.verified.services).join(", ") })}`} <span class="d">${parts("checked {at}", { at: at(this.verified.at) })}</span></p>
      ${this.verified.missing.length ? html`<p class="note risk">${t("Not checked: {services}.", { services: this.verified.missing.join(", ") })}</p>` : nothing}
      ${flaws.length ? html`<ul>${flaws.map((flaw) => html`<li>${parts("{subject}, entry {seq}: {what}", { subject: html`<span class="mono">${flaw.subject}</span>`, seq: flaw.subject_seq, what: flaw.what })}</li>`)}</ul>` : nothing}`;
  }
}

customElements.define("desk-operations", Operations);
