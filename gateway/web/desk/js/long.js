// Long lists: of all the rows that were read, only those near the reader are in the document.
//
//   ${this.long.draw("cases", rows, keyOf, (row, place) => html`<tr>…</tr>`)}
//
// What is above and below is one empty row, as high as the rows that it stands for. Scrolling, and the row that the
// reader is at, say which rows are near: J and K reach each row, and the focus stays where it is.

import { html, nothing, repeat } from "./parts.js";

const MOST = 120; // rows of a list that are in the document
const STEP = 20; // by which what is drawn moves on
const MARGIN = 400; // pixels above and below what is seen that are drawn already
const GUESS = 44; // pixels of a row, until some were drawn

const space = (height) => html`<svg width="1" height=${Math.round(height)}></svg>`;
const gapOf = {
  tr: (name, space) => html`<tr class="gap" data-gap=${name} aria-hidden="true"><td>${space}</td></tr>`,
  tbody: (name, space) => html`<tbody class="gap" data-gap=${name} aria-hidden="true"><tr><td>${space}</td></tr></tbody>`,
  li: (name, space) => html`<li class="gap" data-gap=${name} aria-hidden="true">${space}</li>`,
};

/** The long lists of one page, by name. `page.row` is the row that the reader is at, one of the rows of some list. */
export class LongLists {
  constructor(page) {
    Object.assign(this, { page, lists: new Map(), asked: false });
    this.scrolled = () => {
      if (!this.asked) requestAnimationFrame(() => this.look());
      this.asked = true;
    };
  }

  connect() {
    document.addEventListener("scroll", this.scrolled, { capture: true, passive: true });
  }

  disconnect() {
    document.removeEventListener("scroll", this.scrolled, { capture: true });
  }

  /** Draw the rows that are near. kind: what element a row is, "tr", "tbody" or "li". */
  draw(name, rows, keyOf, drawRow, kind = "tr") {
    const list = this.lists.get(name) ?? { from: 0, height: GUESS, key: null, at: -1 };
    this.lists.set(name, list);
    this.follow(list, rows, keyOf);
    const from = Math.max(0, Math.min(list.from, rows.length - MOST)), to = Math.min(rows.length, from + MOST);
    Object.assign(list, { from, to, count: rows.length });
    const gap = (side, missing) => (rows.length > MOST ? gapOf[kind](`${name} ${side}`, space(missing * list.height)) : nothing);
    return html`${gap("above", from)}${repeat(rows.slice(from, to), keyOf, (row, place) => drawRow(row, from + place))}${gap("below", rows.length - to)}`;
  }

  /** Keep the reader's row where it is when rows come and go before it, and draw it when it is a new one further away. */
  follow(list, rows, keyOf) {
    const at = this.page.row ? rows.indexOf(this.page.row) : -1, key = at < 0 ? null : keyOf(rows[at]);
    const drawn = (place) => place >= list.from && place < list.from + MOST;
    if (at >= 0 && key === list.key && drawn(list.at)) list.from += at - list.at;
    else if (at >= 0 && key !== list.key && !drawn(at)) list.from = at - MOST / 2;
    Object.assign(list, { at, key });
  }

  /** What stands above and below the rows of a list that are drawn, null while all of them are. */
  gaps(name) {
    const [above, below] = this.page.querySelectorAll(`[data-gap^="${name} "]`);
    return below ? { frame: below.closest(".picks"), top: above.getBoundingClientRect().bottom, bottom: below.getBoundingClientRect().top } : null;
  }

  /** Learn how high rows are, for what stands in their place. */
  measure() {
    for (const [name, list] of this.lists) {
      const gaps = this.gaps(name);
      if (!gaps) continue;
      const height = (gaps.bottom - gaps.top) / (list.to - list.from);
      if (Math.abs(height - list.height) > list.height / 5) this.page.requestUpdate();
      list.height = height;
    }
  }

  /** Draw what has come near by scrolling. */
  look() {
    this.asked = false;
    for (const [name, list] of this.lists) {
      const gaps = this.gaps(name);
      if (!gaps) continue;
      const frame = gaps.frame?.getBoundingClientRect(), last = list.count - MOST;
      const top = Math.max(0, frame?.top ?? 0), bottom = Math.min(innerHeight, frame?.bottom ?? innerHeight);
      const near = (list.from > 0 && gaps.top > top - MARGIN) || (list.from < last && gaps.bottom < bottom + MARGIN);
      if (!near) continue;
      const middle = (top + bottom) / 2;
      const place = middle < gaps.bottom ? list.from + (middle - gaps.top) / list.height : list.to + (middle - gaps.bottom) / list.height;
      const from = Math.max(0, Math.min(Math.round((place - MOST / 2) / STEP) * STEP, last));
      if (from === list.from) continue;
      list.from = from;
      this.page.requestUpdate();
    }
  }
}
