// What every page of the shop does: how many pieces are in the basket; and what is told to who has no script goes.

import { onChange, pieces, read } from "./basket.js";

function showCount() {
  const count = pieces(read());
  document.getElementById("basket-count").textContent = count === 0 ? "" : count === 1 ? ", 1 piece" : `, ${count} pieces`;
}

document.getElementById("waiting")?.remove();
onChange(showCount);
showCount();
