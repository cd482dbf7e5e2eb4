// Promises: the share that was kept, the lowest first, and the clocks that run, the next due first.

import { Page, html, nothing, promise, svg } from "../parts.js";
import { get } from "../session.js";
import { capital, count, words } from "../words.js";

const AIM = 0.97;
const DAYS = 30;

function bar(share) {
  return html`<svg class="share" viewBox="0 0 100 8" width="100" height="8" preserveAspectRatio="none" aria-hidden="true"><rect class="off" width="100" height="8" rx="2"/>${svg`<rect class=${share < AIM ? "over" : "on"} width=${share * 100} height="8" rx="2"/>`}<path class="mk" d="M${AIM * 100} -2v12"/></svg>`;
}

class Promises extends Page {
  constructor() {
    super();
    Object.assign(this, { kinds: [], clocks: [], missing: [] });
  }

  async load() {
    const until = Date.now(), period = new URLSearchParams({ since: new Date(until - DAYS * 24 * 3600 * 1000).toISOString(), until: new Date(until).toISOString() });
    const [report, running] = await Promise.all([get(`/v1/commitments/report?${period}`), get("/v1/commitments?limit=100")]);
    const share = ({ kept, breached }) => (kept + breached ? kept / (kept + breached) : null);
    this.kinds = report.items.map((each) => ({ ...each, share: share(each) })).sort((one, other) => (one.share ?? 2) - (other.share ?? 2));
    Object.assign(this, { clocks: running.items, missing: [...new Set([...report.missing, ...running.missing])] });
  }

  draw() {
    const kept = this.kinds.reduce((sum, each) => sum + each.kept, 0), breached = this.kinds.reduce((sum, each) => sum + each.breached, 0);
    return html`<div class="head"><h1>Promises <small>of the last ${DAYS} days: ${kept} kept, ${breached} broken</small></h1></div>
      ${this.missing.length ? html`<p class="note risk">Without ${this.missing.join(" and ")}: it does not answer just now.</p>` : nothing}
      <div class="stack"><section class="box scroll" tabindex="0"><h2>Kept <span class="soft">the lowest share first, aim ${AIM * 100} %</span></h2><table><caption class="vh">Promises kept by kind</caption>
        <thead><tr><th scope="col">Promise</th><th scope="col">Kept by</th><th scope="col">Share</th><th scope="col" class="r">Kept</th><th scope="col" class="r">Broken</th><th scope="col" class="r">Running</th></tr></thead>
        <tbody>${this.kinds.map((each) => html`<tr><th scope="row">${capital(words(each.kind))}</th><td>${each.service}</td><td>${each.share === null ? html`<span class="soft">none ended yet</span>` : html`<span class="nw">${bar(each.share)} ${(each.share * 100).toFixed(1)} %</span>`}</td><td class="r">${each.kept}</td><td class="r">${each.breached}</td><td class="r">${each.running}</td></tr>`)}</tbody></table></section>
      <section class="box scroll" tabindex="0"><h2>Running <span class="soft">${count(this.clocks.length, "clock")}, the next due first</span></h2><table><caption class="vh">Running promises</caption>
        <thead><tr><th scope="col">Due</th><th scope="col">Promise</th><th scope="col">Of</th><th scope="col">Owner</th></tr></thead>
        <tbody>${this.clocks.map((clock) => html`<tr><td>${promise(clock)}</td><td>${capital(words(clock.kind))}</td><td class="mono">${clock.order_number ? html`<a href="/desk/orders/${clock.order_number}">${clock.order_number}</a>` : clock.subject}</td><td>${words(clock.owner)}</td></tr>`)}</tbody></table></section></div>`;
  }
}

customElements.define("desk-promises", Promises);
