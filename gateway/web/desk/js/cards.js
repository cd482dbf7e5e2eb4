const NUMBER = /^([-+−]?\d[\d\s.,%]*( \S{1,4} \d+)?( [A-Z]{3})?|–)$/;
const CARDS = "table.rows:not(.today), table.cmt";

/** Name numbers by the heads of their columns, for narrow screens; and all of a column whose head is `data-named`. */
export function nameNumbers(page) {
  for (const table of page.querySelectorAll(CARDS)) {
    const heads = [...table.querySelectorAll("thead th")].map((head) => ({ text: head.textContent.trim(), always: "named" in head.dataset }));
    for (const row of table.tBodies.length ? table.querySelectorAll("tbody tr") : []) {
      if (row.cells.length !== heads.length) continue;
      for (const [place, cell] of [...row.cells].entries()) {
        const { text, always } = heads[place], named = always || (place > 0 && NUMBER.test(cell.textContent.trim())) ? text : "";
        if ((cell.dataset.label ?? "") === named) continue;
        if (named) cell.dataset.label = named;
        else delete cell.dataset.label;
      }
    }
  }
}
