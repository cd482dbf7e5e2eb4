// A new link by mail, for who holds none that is good: the same for orders and for conversations.

import { call } from "./api.js";
import { el, field, find } from "./dom.js";
import { missing, submits, summary } from "./forms.js";
import { t } from "/web/design/texts.js";

const SAYS = {
  order: { hint: t("The one to which we write about this order."), asked: t("If that is the address of this order, a new link is on its way to it.") },
  conversation: { hint: t("The one to which we write about this conversation."), asked: t("If that is the address of this conversation, a new link is on its way to it.") },
};

/** A form that asks for a new link to `path`. `what` it leads to is named in its words: "order", "conversation". */
export function newLinkForm(path, what) {
  const answer = el("div", { role: "status" });
  const form = el("form", { id: "new-link" }, summary(),
    field(el("input", { id: "email", type: "email", autocomplete: "email" }), t("Your e-mail address"), SAYS[what].hint),
    el("button", {}, t("Send me a new link")));
  submits(form, {
    check: () => missing(form, "email"),
    send: (key) => call("POST", `${path}/link`, { key, body: { email: find("#email", form).value.trim() } }),
    done: () => answer.replaceChildren(el("p", { class: "box good" }, SAYS[what].asked)),
  });
  return el("div", {}, form, answer);
}
