// What every page of the shop does: how many pieces are in the basket; and what is told to who has no script goes.

import { onChange, pieces, read } from "./basket.js";
import { tn } from "/web/design/texts.js";

function showCount() {
  const count = pieces(read());
  document.getElementById("basket-count").textContent = count ? tn(", {n} piece", ", {n} pieces", count) : "";
}

document.getElementById("waiting")?.remove();
onChange(showCount);
showCount();
