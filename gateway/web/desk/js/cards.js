// Rows as cards, on a narrow screen: no head is there, so a number says what it counts.

const NUMBER = /^([-+−]?\d[\d\s.,%]*( \S{1,4} \d+)?( [A-Z]{3})?|–)$/; // "97.0 %", "16.00 USD"
const CARDS = "table.rows:not(.today), table.cmt";

/** Name the numbers of a page by the heads of their columns; the sheet shows it on cards. */
export function nameNumbers(page) {
  for (const table of page.querySelectorAll(CARDS)) {
    const heads = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
    for (const row of table.tBodies.length ? table.querySelectorAll("tbody tr") : []) {
      if (row.cells.length !== heads.length) continue; // a head of a group, or a form within the list
      for (const [place, cell] of [...row.cells].entries()) {
        const named = place > 0 && NUMBER.test(cell.textContent.trim()) ? heads[place] : "";
        if ((cell.dataset.label ?? "") === named) continue;
        if (named) cell.dataset.label = named;
        else delete cell.dataset.label;
      }
    }
  }
}
