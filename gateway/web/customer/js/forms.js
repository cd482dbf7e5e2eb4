// Sending a form: what was typed is never lost, what is wrong is said at the top and at the field.

import { Problem, newKey } from "./api.js";
import { el, fill, find } from "./dom.js";

/**
 * Submit `form` through `send(key)`; `done(answer)` when it worked.
 * `place` maps the API's field path to the id of the control, e.g. "lines.0.sku" → "sku".
 */
export function submits(form, { check = () => [], send, done, place = (path) => path.split(".").pop() }) {
  let key = newKey();
  form.noValidate = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter ?? find("button", form);
    const wrong = check();
    clearErrors(form);
    if (wrong.length) return showErrors(form, wrong);
    button.disabled = true;
    try {
      const answer = await send(key, event.submitter);
      key = newKey();
      await done(answer);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (problem.status >= 400 && problem.status < 500) key = newKey();
      showErrors(form, explain(problem, place));
    } finally {
      button.disabled = false;
    }
  });
}

/** [{id, message}] of a problem document. */
function explain(problem, place) {
  if (problem.errors) return problem.errors.map(({ field, message }) => ({ id: place(field), message }));
  const again = problem.status === 429 || problem.status === 503 ? " Please try again in a moment." : "";
  return [{ id: null, message: (problem.detail || "That did not work.") + again }];
}

/** Say what is wrong, at the top (which gets the focus) and at each field. */
export function showErrors(form, errors) {
  const items = errors.map(({ id, message }) => {
    const control = id && form.querySelector(`#${CSS.escape(id)}`);
    if (!control) return el("li", {}, id ? `${id}: ${message}` : message);
    control.setAttribute("aria-invalid", "true");
    const place = find(`#${CSS.escape(id)}-error`, form);
    if (place) Object.assign(place, { textContent: message, hidden: false });
    const label = find(`label[for="${CSS.escape(id)}"]`, form)?.textContent ?? id;
    const link = el("a", { href: `#${id}` }, `${label}: ${message}`);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      control.focus();
    });
    return el("li", {}, link);
  });
  const summary = find(".summary", form);
  fill(summary, el("h2", {}, "Please look at this again"), el("ul", {}, ...items));
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
export const summary = () => el("div", { class: "summary box bad", tabindex: "-1", role: "group", "aria-label": "What is wrong", hidden: true });

/** Required controls that are empty, as errors. */
export function missing(form, ...ids) {
  return ids
    .filter((id) => !form.querySelector(`#${id}`).value.trim())
    .map((id) => ({ id, message: "This is needed." }));
}
