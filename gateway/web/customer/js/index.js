import { showErrors } from "./forms.js";
import { find } from "./dom.js";

const form = find("#find-order");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const number = find("#order_number").value.trim().toUpperCase();
  if (/^ORD-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]$/.test(number)) location.assign(`/orders/${number}`);
  else showErrors(form, [{ id: "order_number", message: "An order number looks like ORD-7K3M-9Q2X-C." }]);
});
