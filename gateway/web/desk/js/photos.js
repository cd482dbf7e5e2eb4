// Photos of a box: taken at the pack station, shown there and in the story of the order, fetched when they are looked at.

import { call } from "/web/js/api.js";
import { asEvidence, showEvidence } from "/web/js/files.js";
import { LitElement, nothing } from "./parts.js";
import { session } from "./session.js";

/** Who may look at a photo of a box: who may see its shipment. */
export const maySee = () => session.may("warehouse", "agent", "lead");

/** Send pictures, one after the other. Return their addresses. */
export async function sent(files) {
  const ids = [];
  for (const file of files) {
    const path = `/v1/uploads?name=${encodeURIComponent(file.name || "photo")}`;
    ids.push((await call("POST", path, { body: file, type: file.type || "application/octet-stream", token: session.token })).id);
  }
  return asEvidence(ids);
}

class Photos extends LitElement {
  static properties = { links: {}, open: { type: Boolean } };

  createRenderRoot() {
    return this;
  }

  willUpdate(changed) {
    const named = (this.links ?? []).join(" ");
    if (!this.open || (named === this.named && !changed.has("open"))) return;
    if (named !== this.named) this.shown = showEvidence(this.links, () => session.token); // drawn once: a picture of it is fetched
    this.named = named;
  }

  render() {
    return this.open && this.shown ? this.shown : nothing;
  }
}

customElements.define("desk-photos", Photos);
