// Signing in with a code by e-mail, and out again: customers with the address of their orders, staff with their own.

import { call, forgetToken, keepToken, signIn, signOut } from "./api.js";
import { el, field, find } from "./dom.js";
import { missing, submits, summary } from "./forms.js";
import { parts, t } from "/web/design/texts.js";

/** The name under which this browser keeps the token of who is signed in. */
export const ACCOUNT = "account";

/** A form that asks for the address and then for the code; `done(token)` when somebody is signed in. */
export function signInForm(done, title = null) {
  const email = el("input", { id: "sign-in-email", type: "email", autocomplete: "email" });
  const form = el("form", { id: "sign-in" }, summary(), title ? el("h2", {}, title) : null,
    field(email, t("Your e-mail address"), t("The one to which we write about your orders.")), el("button", {}, t("Send me a code")));
  submits(form, {
    check: () => missing(form, "sign-in-email"),
    send: () => call("POST", "/v1/sign-in", { body: { email: email.value.trim() } }),
    done: (asked) => {
      form.replaceWith(codeForm(email.value.trim(), asked.request, done, form));
      find("#code").focus();
    },
  });
  return form;
}

/** The code is good in this browser only: `request` came with the answer to who asked for it. `before`: the form of the address. */
function codeForm(email, request, done, before) {
  const again = () => {
    form.replaceWith(before);
    find("#sign-in-email", before).focus();
  };
  const form = el("form", { id: "code-form" }, summary(),
    el("p", { role: "status" }, ...parts("If we know {email}, a code is on its way to it.", { email: el("strong", {}, email) })),
    field(el("input", { id: "code", autocomplete: "one-time-code", inputmode: "numeric" }), t("The code from our e-mail"), t("It is in the newest e-mail with a code.")),
    el("details", {}, el("summary", {}, t("I work here and have a second factor")),
      field(el("input", { id: "one-time-password", autocomplete: "off" }), t("One-time password (optional)"), t("From the app, or a recovery code."))),
    el("div", { class: "buttons" }, el("button", {}, t("Sign in")), el("button", { type: "button", class: "second", onclick: again }, t("Another address or a new code"))));
  submits(form, {
    check: () => missing(form, "code"),
    send: () => signIn({ email, request, code: find("#code", form).value.trim(), one_time_password: find("#one-time-password", form).value.trim() || null }),
    done: async (session) => {
      keepToken(ACCOUNT, session.access_token);
      await done(session.access_token);
    },
  });
  return form;
}

export function signOutButton(token, then) {
  const leave = async () => {
    await signOut(token).catch(() => null); // over already, or not reached: this browser forgets it either way
    forgetToken(ACCOUNT);
    then();
  };
  return el("button", { id: "sign-out", type: "button", class: "second", onclick: leave }, t("Sign out"));
}
