// Files that are sent along: chosen, dropped or pasted, sent at once, and named by the message when that is sent.
//
//   const files = takesFiles(find("#files-field"), { token: () => token });    // an element with a file input
//   files.wrong()          [{id, message}] of what was not taken, for the form's check
//   await files.ids()      the ids to name, when all have arrived
//   showFiles(message.attachments, () => token)      what came along, as thumbnails and downloads

import { Problem, call } from "./api.js";
import { el, fill, find } from "./dom.js";
import { t } from "/web/design/texts.js";

const MOST = 5, MOST_BYTES = 10 * 1024 * 1024;
export const KINDS = "image/jpeg,image/png,image/webp,application/pdf,text/plain";
export const HINT = t("Pictures, PDF or plain text: 5 at most, 10 MB each. Where a picture was taken is not kept.");

const sizeOf = (bytes) => (bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`);

/** Let a field take files. `token`: who sends them; `staff`: they need no form's token. `pasteIn`: where they may be dropped and pasted. */
export function takesFiles(field, { token = () => null, staff = false, pasteIn = field.closest("form"), done = () => null } = {}) {
  const input = find("input[type=file]", field), list = field.appendChild(el("ul", { class: "files" })), said = field.appendChild(el("p", { class: "unseen", role: "status" }));
  let chosen = [], form = null, last = Promise.resolve(); // one after the other: a telephone has one line

  /** The token of this form: asked for once, with the first file. */
  const formToken = () => (staff ? null : (form ??= call("POST", "/v1/uploads/form", { body: {} }).then((begun) => begun.form_token)));

  async function send(each) {
    if (each.file.size > MOST_BYTES) throw new Problem({ detail: t("It has more than 10 MB.") });
    const path = `/v1/uploads?name=${encodeURIComponent(each.file.name || "file")}`;
    try {
      return await call("POST", path, { body: each.file, type: each.file.type || "application/octet-stream", token: token(), form: await formToken() });
    } catch (problem) {
      if (problem.status === 0 || problem.code === "form_token_invalid") form = null; // the next try asks for another
      throw problem;
    }
  }

  function add(given) {
    for (const file of given) {
      if (chosen.length >= MOST) {
        said.textContent = t("No more than {most} files.", { most: MOST });
        continue;
      }
      const each = { file, upload: null, problem: null };
      each.sent = last = last.then(() => send(each)).then((upload) => Object.assign(each, { upload }), (problem) => Object.assign(each, { problem })).then(() => {
        said.textContent = each.problem ? t("{name} was not taken: {message}", { name: file.name, message: each.problem.message }) : t("{name} is added.", { name: file.name });
        draw();
        done();
      });
      chosen.push(each);
    }
    input.value = "";
    draw();
  }

  function draw() {
    fill(list, ...chosen.map((each) => {
      const state = each.problem ? el("span", { class: "error" }, each.problem.message) : el("span", { class: "soft" }, each.upload ? sizeOf(each.upload.size) : t("is being sent…"));
      const away = el("button", { type: "button", class: "second small", "aria-label": t("Take out {name}", { name: each.file.name }), onclick: () => takeOut(each) }, t("Take out"));
      return el("li", {}, el("span", { class: "name" }, each.file.name), state, away);
    }));
  }

  function takeOut(each) {
    chosen = chosen.filter((other) => other !== each);
    said.textContent = t("{name} is taken out.", { name: each.file.name });
    draw();
    input.focus();
  }

  input.addEventListener("change", () => add([...input.files]));
  for (const kind of pasteIn ? ["dragover", "drop"] : []) {
    pasteIn.addEventListener(kind, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      if (kind === "drop") add([...event.dataTransfer.files]);
    });
  }
  pasteIn?.addEventListener("paste", (event) => {
    const pasted = pastedFiles(event);
    if (!pasted.length) return;
    event.preventDefault();
    add(pasted);
  });
  return {
    add,
    wrong: () => chosen.filter(({ problem }) => problem).map(({ file, problem }) => ({ id: input.id, message: t("{name}: {message} Take it out, or choose another.", { name: file.name, message: problem.message }) })),
    ids: async () => {
      await Promise.all(chosen.map(({ sent }) => sent));
      const failed = chosen.find(({ problem }) => problem);
      if (failed) throw new Problem({ detail: t("{name} was not taken: {message} Take it out, or choose another.", { name: failed.file.name, message: failed.problem.message }), status: 422 });
      return chosen.map(({ upload }) => upload.id);
    },
    clear: () => {
      [chosen, form] = [[], null];
      said.textContent = "";
      draw();
    },
  };
}

/** The files of a paste; none where it has words too, as from a word processor. */
export const pastedFiles = ({ clipboardData: data }) => (data?.types.includes("text/plain") ? [] : [...(data?.files ?? [])]);

/** A field for files, for a form that a script makes. */
export function filesField(id = "files", label = t("Files (optional)")) {
  return el("div", { class: "field" }, el("label", { for: id }, label), el("p", { class: "hint", id: `${id}-hint` }, HINT),
    el("p", { class: "error", id: `${id}-error`, hidden: true }), el("input", { id, type: "file", multiple: true, accept: KINDS, "aria-describedby": `${id}-hint ${id}-error` }));
}

/** Let the browser save a file under its name. */
async function save({ id, name }, token) {
  const file = await call("GET", `/v1/uploads/${id}`, { token: token() });
  const link = el("a", { href: URL.createObjectURL(file), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

const asData = (file) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  Object.assign(reader, { onload: () => resolve(reader.result), onerror: reject });
  reader.readAsDataURL(file);
});

const ADDRESS = "/v1/uploads/";

/** The addresses of files that were sent, as evidence of a return. */
export const asEvidence = (ids) => ids.map((id) => `${ADDRESS}${id}`);

const SOON = [300, 700, 1500, 3000];

/** The small picture of what was named just now: its service may hear of that a moment later. */
async function small(link, token, waits = SOON) {
  try {
    return await call("GET", `${link}?small=true`, { token: token() });
  } catch (problem) {
    if (problem.status !== 404 || !waits.length) throw problem;
    await new Promise((resolve) => setTimeout(resolve, waits[0]));
    return small(link, token, waits.slice(1));
  }
}

/** Evidence of a return: links as links, files that were sent with a button to save each, pictures small. */
export function showEvidence(links, token) {
  if (!links?.length) return null;
  return el("ul", { class: "files" }, ...links.map((link, at) => {
    if (!link.startsWith(ADDRESS)) return el("li", {}, el("a", { href: link, rel: "noreferrer" }, t("Photo {n}", { n: at + 1 })));
    const said = el("span", { class: "error", role: "status" }), name = t("photo {n}", { n: at + 1 });
    const button = el("button", { type: "button", class: "second small" }, t("Save {name}", { name }));
    button.addEventListener("click", () => {
      said.textContent = "";
      save({ id: link.slice(ADDRESS.length), name }, token).catch((problem) => (said.textContent = problem.message));
    });
    const item = el("li", {}, button, said);
    small(link, token).then(asData).then((src) => item.prepend(el("img", { src, alt: name })), () => null);
    return item;
  }));
}

/** What came along with a message; null where nothing did. A picture is shown small; each is saved by its button. */
export function showFiles(files, token) {
  if (!files?.length) return null;
  return el("ul", { class: "files" }, ...files.map((each) => {
    const said = el("span", { class: "error", role: "status" });
    const button = el("button", { type: "button", class: "second small" }, t("Save {name} ({size})", { name: each.name, size: sizeOf(each.size) }));
    button.addEventListener("click", () => {
      said.textContent = "";
      save(each, token).catch((problem) => (said.textContent = problem.message));
    });
    const item = el("li", {}, button, said);
    if (each.picture) {
      call("GET", `/v1/uploads/${each.id}?small=true`, { token: token() }).then(asData).then((src) => item.prepend(el("img", { src, alt: each.name })), () => null); // its button is there all the same
    }
    return item;
  }));
}
