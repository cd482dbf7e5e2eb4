// The design system as it is: every token as the sheet defines it, and every part in each of its states. It draws the
// real parts, so it cannot be out of date.

import { barcode } from "../barcode.js";
import { bar } from "../order-view.js";
import { Page } from "../page.js";
import { at, button, facts, html, promise, sign, svg, t, tag, trouble } from "../parts.js";
import { words } from "../words.js";

const HOUR = 3600 * 1000;
const STATES = { quiet: t("in time, nothing to do"), risk: t("a quarter of the time is left"), late: t("past its moment"), kept: t("done in time"), rest: t("stands still") };

/** The names of all tokens of the sheets, in their order. */
function tokens() {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).filter((rule) => rule.selectorText === ":root");
  return [...new Set(rules.flatMap(({ style }) => [...style].filter((name) => name.startsWith("--"))))];
}

/** Clocks of each state, as of now. */
function clocks(now) {
  const time = (hours) => new Date(now + hours * HOUR).toISOString();
  return {
    quiet: { started_at: time(-10), due_at: time(90), status: "running" },
    risk: { started_at: time(-10), due_at: time(2), status: "running" },
    late: { started_at: time(-50), due_at: time(-3), status: "running" },
    kept: { started_at: time(-50), due_at: time(40), status: "kept", stopped_at: time(-2) },
    rest: { started_at: time(-10), due_at: time(20), status: "paused" },
  };
}

class Style extends Page {
  async load() {
    this.clocks = clocks(Date.now());
  }

  draw() {
    const names = tokens(), style = getComputedStyle(document.documentElement);
    const value = (name) => style.getPropertyValue(name).trim();
    const colours = names.filter((name) => CSS.supports("color", value(name))), others = names.filter((name) => !colours.includes(name));
    const problem = { detail: t("What was refused is said in its own words."), errors: [{ field: "delivery.city", message: "Missing data for required field." }] };
    return html`<div class="head"><h1>${t("Style")} <small>${t("tokens and parts, drawn by the desk itself")}</small></h1></div><div class="stack">
      <section class="box"><h2>${t("Rules")}</h2><ul class="in stack"><li>${t("Meaning has a colour, a sign and a word, never a colour alone.")}</li><li>${t("What is quiet has no colour. Green comes only after a promise was kept.")}</li><li>${t("Each action shows its key. What is not allowed is absent, and a sentence says why.")}</li><li>${t("Text that decides wraps and is never cut.")}</li></ul></section>
      <section class="box"><h2>${t("Promises")}</h2><div class="in scroll" tabindex="0" role="region" aria-label=${t("Promises")}><table><caption class="vh">${t("States of a promise")}</caption><thead><tr><th scope="col">${t("State")}</th><th scope="col">${t("Badge")}</th><th scope="col">${t("Bar")}</th><th scope="col">${t("When")}</th></tr></thead><tbody>${Object.entries(STATES).map(([state, when]) => html`<tr><th scope="row">${sign(state)} ${words(state)}</th><td>${promise(this.clocks[state])}</td><td>${bar(this.clocks[state])}</td><td>${when}</td></tr>`)}</tbody></table></div></section>
      <section class="box"><h2>${t("Words with a state")}</h2><div class="in acts">${["", "kept", "risk", "late"].map((state) => tag(state ? words(state) : t("plain"), state))}</div></section>
      <section class="box"><h2>${t("Notices")}</h2><div class="in">${["", "kept", "risk", "late", "draft"].map((state) => html`<p class="note ${state}">${t("{state}: one sentence, where it matters.", { state: state ? words(state) : t("plain") })}</p>`)}${trouble(problem)}</div></section>
      <section class="box"><h2>${t("Actions")}</h2><div class="in acts">${button({ key: "a", label: t("The next step"), go: true, run: () => {} })}${button({ key: "q", label: t("Another one"), run: () => {} })}${button({ key: "x", label: t("What cannot be undone"), stop: true, run: () => {} })}${button({ label: t("Comes later"), disabled: true, run: () => {} })}</div></section>
      <section class="box"><h2>${t("Forms")}</h2><form class="in stack" @submit=${(event) => event.preventDefault()}><div class="field"><label for="style-line">${t("A line")}</label><input id="style-line" placeholder=${t("what it may look like")}></div><div class="field"><label for="style-choice">${t("A choice")}</label><select id="style-choice"><option>${t("One")}</option><option>${t("Two")}</option></select></div><label for="style-text">${t("A text")}</label><textarea id="style-text" rows="2"></textarea><fieldset><legend>${t("One of these")}</legend><label class="choice"><input type="radio" name="style" checked> ${t("This")}</label><label class="choice"><input type="radio" name="style"> ${t("That")}</label></fieldset></form></section>
      <section class="box"><h2>${t("Facts, times, codes")}</h2><div class="in stack">${facts([t("A name"), "Ada Lovelace"], [t("A moment"), at(new Date().toISOString())], [t("A number"), html`<span class="mono">SHP-0000-0000-0</span>`])}${html`<div class="sheet">${barcode("SHP-0000-0000-0")}</div>`}</div></section>
      <section><div class="big-band" role="img" aria-label=${t("The pack station, all well")}><p>${t("Right: a mug. Scan next")}</p><h2>${t("Mug of clay")}</h2><p>${t("read from two metres away")}</p><strong>1/2<small>${t("pieces scanned")}</small></strong></div></section>
      <section><div class="big-band is-wrong" role="img" aria-label=${t("The pack station, stopped")}><p>${t("Stop")}</p><h2>${t("This is not in the order.")}</h2><p>${t("Put it aside, then press Enter.")}</p></div></section>
      <section class="box"><h2>${t("Colours")} <span class="soft">${t("{n} tokens", { n: colours.length })}</span></h2><ul class="in swatches">${colours.map((name) => html`<li class="swatch"><svg viewBox="0 0 10 10" preserveAspectRatio="none" aria-hidden="true">${svg`<rect width="10" height="10" fill="var(${name})"/>`}</svg><span class="mono xs">${name}</span></li>`)}</ul></section>
      <section class="box"><h2>${t("Sizes and fonts")}</h2><div class="in">${facts(...others.map((name) => [html`<span class="mono">${name}</span>`, html`<span class="mono whole">${value(name)}</span>`]))}</div></section></div>`;
  }
}

customElements.define("desk-style", Style);
