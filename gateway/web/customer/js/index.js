import { showErrors } from "./forms.js";
import { find } from "./dom.js";

const form = find("#find-order");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = find("#order_number").value.trim(); // case, blanks and dashes count for nothing: the server folds them
  const letters = typed.replace(/[^0-9a-z]/gi, "").length;
  if (letters === 12 || letters === 9) location.assign(`/orders/${encodeURIComponent(typed.replaceAll("/", ""))}`);
  else showErrors(form, [{ id: "order_number", message: "An order number looks like ORD-7K3M-9Q2X-C." }]);
});
