// The way from the front page to an order: its number, as far as this device knows it.

import { find } from "./dom.js";
import { showErrors } from "./forms.js";
import { folded } from "./numbers.js";

const form = find("#find-order");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const number = folded(find("#order_number").value, "ORD");
  if (number) location.assign(`/orders/${number}`);
  else showErrors(form, [{ id: "order_number", message: "There is no such number. Please compare it with the one in our e-mail." }]);
});
