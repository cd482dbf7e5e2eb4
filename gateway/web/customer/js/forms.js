// Sending a form: what was typed is never lost, what is wrong is said at the top and at the field.

import { Problem, newKey, store } from "./api.js";
import { el, fill, find } from "./dom.js";
import { t } from "/web/design/texts.js";

/**
 * Submit `form` through `send(key)`; `done(answer)` when it worked.
 * `place` maps the API's field path to the id of the control, e.g. "lines.0.sku" → "sku".
 * `draft` names the place where what is typed survives a reload of this tab; it is forgotten when the form is sent.
 */
export function submits(form, { check = () => [], send, done, place = (path) => path.split(".").pop(), draft = null }) {
  let key = newKey();
  let runs = false;
  form.noValidate = true;
  if (draft) keepsDraft(form, draft);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (runs) return; // Enter sends through the form's first button, whichever was pressed before
    const button = event.submitter ?? find("button", form);
    const wrong = check();
    clearErrors(form);
    if (wrong.length) return showErrors(form, wrong);
    runs = true;
    button.disabled = true;
    try {
      const answer = await send(key, event.submitter);
      key = newKey();
      if (draft) forgetDraft(draft);
      await done(answer);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.status >= 400 && problem.status < 500) key = newKey();
      showErrors(form, explain(problem, place));
    } finally {
      runs = false;
      button.disabled = false;
    }
  });
}

const typed = (form) => [...form.elements].filter((control) => control.id && "value" in control && control.tagName !== "BUTTON" && control.type !== "file");

function keepsDraft(form, draft) {
  try {
    const known = JSON.parse(store("session")?.getItem(`draft:${draft}`) ?? "{}");
    for (const control of typed(form)) {
      if (!(control.id in known)) continue;
      if (["radio", "checkbox"].includes(control.type)) control.checked = known[control.id];
      else control.value = known[control.id];
    }
  } catch {
    // nothing can be kept here, or it is not ours: the form begins empty
  }
  form.addEventListener("input", () => {
    const now = Object.fromEntries(typed(form).map((control) => [control.id, ["radio", "checkbox"].includes(control.type) ? control.checked : control.value]));
    try {
      store("session")?.setItem(`draft:${draft}`, JSON.stringify(now));
    } catch {
      // nothing can be kept here
    }
  });
}

function forgetDraft(draft) {
  try {
    store("session")?.removeItem(`draft:${draft}`);
  } catch {
    // nothing was kept
  }
}

/** [{id, message}] of a problem document. */
function explain(problem, place) {
  if (problem.errors) return problem.errors.map(({ field, message }) => ({ id: place(field), message }));
  const again = problem.status === 429 || problem.status === 503 ? ` ${t("Please try again in a moment.")}` : "";
  return [{ id: null, message: (problem.detail || t("That did not work.")) + again }];
}

/** "Postal code: …"; a question ends by itself. */
const named = (name, message) => (name.endsWith("?") ? `${name} ${message}` : `${name}: ${message}`);

/** Say what is wrong, at the top (which gets the focus) and at each field. `label` names what the control's own does not. */
export function showErrors(form, errors) {
  const items = errors.map(({ id, message, label = null }) => {
    const control = id && form.querySelector(`#${CSS.escape(id)}`);
    if (!control) return el("li", {}, id ? `${id}: ${message}` : message);
    control.setAttribute("aria-invalid", "true");
    const place = find(`#${CSS.escape(id)}-error`, form);
    if (place) Object.assign(place, { textContent: message, hidden: false });
    const name = label ?? find(`label[for="${CSS.escape(id)}"]`, form)?.textContent ?? id;
    const link = el("a", { href: `#${id}` }, name ? named(name, message) : message);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      control.focus();
    });
    return el("li", {}, link);
  });
  const summary = find(".summary", form);
  fill(summary, el("h2", {}, t("Please look at this again")), el("ul", {}, ...items));
  summary.hidden = false;
  summary.focus();
}

export function clearErrors(form) {
  const summary = find(".summary", form);
  summary.hidden = true;
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const place of form.querySelectorAll(".error")) place.hidden = true;
}

/** The place where showErrors speaks; the first child of every form. */
export const summary = () => el("div", { class: "summary box bad", tabindex: "-1", role: "group", "aria-label": t("What is wrong"), hidden: true });

/** Required controls that are empty, as errors. */
export function missing(form, ...ids) {
  return ids
    .filter((id) => !form.querySelector(`#${CSS.escape(id)}`).value.trim())
    .map((id) => ({ id, message: t("This is needed.") }));
}
