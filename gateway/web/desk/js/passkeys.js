// What the browser does with a passkey: make one, and show it. Bytes travel as base64url.

import { t } from "/web/design/texts.js";
import { Problem } from "/web/js/api.js";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const named = (ids) => ids.map((id) => ({ type: "public-key", id: bytes(id) }));

/** Whether this browser can keep and show passkeys here: they belong to a host with a name. */
export const possible = "PublicKeyCredential" in window && !/^[\d.]+$|:/.test(location.hostname);

async function asked(doing) {
  try {
    return await doing();
  } catch (problem) {
    const known = problem.name === "InvalidStateError";
    throw new Problem({ code: "passkey_not_used", detail: known ? t("This device has a passkey for you already.") : t("No passkey was used. Try again, or sign in another way.") });
  }
}

/** Make a passkey, as POST /v1/second-factor/passkeys says. */
export async function make(begun) {
  const { response, id } = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: bytes(begun.challenge),
        rp: { id: begun.host, name: "Pledge" },
        user: { id: bytes(begun.user_id), name: begun.user_name, displayName: begun.user_name },
        pubKeyCredParams: begun.algorithms.map((alg) => ({ type: "public-key", alg })),
        excludeCredentials: named(begun.known),
        attestation: "none",
      },
    }),
  );
  return { id, client_data: text(response.clientDataJSON), attestation: text(response.attestationObject) };
}

/** Show a passkey, as the refusal `second_factor_required` says. */
export async function show({ challenge, host, known }) {
  const { response, id } = await asked(() =>
    navigator.credentials.get({ publicKey: { challenge: bytes(challenge), rpId: host, allowCredentials: named(known) } }),
  );
  return {
    id,
    client_data: text(response.clientDataJSON),
    authenticator_data: text(response.authenticatorData),
    signature: text(response.signature),
  };
}
