// The way from the front page to an order: on a device that knows it at once, else by a link that is mailed.

import { call, keptToken } from "./api.js";
import { el, fill, find } from "./dom.js";
import { missing, submits } from "./forms.js";
import { folded } from "./numbers.js";
import { t } from "/web/design/texts.js";

const form = find("#find-order");
const number = () => folded(find("#order_number").value, "ORD");
const email = () => find("#email").value.trim();

submits(form, {
  check: () => (number() ? (email() || keptToken(number()) ? [] : missing(form, "email")) : [{ id: "order_number", message: t("There is no such number. Please compare it with the one in our e-mail.") }]),
  send: async (key) => (keptToken(number()) ? null : call("POST", `/v1/orders/${number()}/link`, { key, body: { email: email() } })),
  done: (asked) => {
    if (!asked) return location.assign(`/orders/${number()}`);
    return fill(find("#found"), el("p", { class: "box good" }, t("If {email} is the address of order {number}, a link to it is on its way there. It is good for {link_days} days.", { email: email(), number: number() })));
  },
});
