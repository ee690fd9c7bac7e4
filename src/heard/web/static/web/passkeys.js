// Lets the browser speak with a passkey. What its PRF says goes into a field of its own, and out of the stored answer.
"use strict";

(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");

  // The server speaks base64; the browser wants bytes.
  const options = (asked) => {
    const wanted = asked.publicKey;
    wanted.challenge = bytes(wanted.challenge);
    if (wanted.user) wanted.user.id = bytes(wanted.user.id);
    for (const list of ["excludeCredentials", "allowCredentials"]) {
      for (const known of wanted[list] || []) known.id = bytes(known.id);
    }
    const salt = wanted.extensions?.prf?.eval;
    if (salt) salt.first = bytes(salt.first);
    return { publicKey: wanted };
  };
  const answer = (made) => {
    const response = { clientDataJSON: text(made.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[name]) response[name] = text(made.response[name]);
    }
    if (made.response.getTransports) response.transports = made.response.getTransports();
    const results = made.getClientExtensionResults();
    delete results.prf;
    return { id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: results };
  };
  // Many devices say what their PRF gives only when they sign in: then a new passkey is asked once more.
  const prfOf = async (made, asked) => {
    const first = made.getClientExtensionResults().prf;
    if (first?.results?.first) return hex(first.results.first);
    if (!first?.enabled) return "";
    const again = await navigator.credentials.get({ publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(32)), rpId: asked.publicKey.rp.id, userVerification: "required",
      allowCredentials: [{ type: "public-key", id: made.rawId }], extensions: { prf: asked.publicKey.extensions.prf },
    } });
    const second = again.getClientExtensionResults().prf;
    return second?.results?.first ? hex(second.results.first) : "";
  };

  if (!globalThis.PublicKeyCredential) return;
  document.querySelectorAll("[data-no-script]").forEach((part) => { part.hidden = true; });
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const failed = form.querySelector("[data-failed]");
      failed.hidden = true;
      try {
        const asked = options(JSON.parse(form.dataset.options));
        const made = await navigator.credentials[form.dataset.passkey](asked);
        if (form.elements.prf) {
          const results = made.getClientExtensionResults().prf?.results;
          form.elements.prf.value = form.dataset.passkey === "create" ? await prfOf(made, asked) : results?.first ? hex(results.first) : "";
        }
        form.elements.credential.value = JSON.stringify(answer(made));
        form.submit();
      } catch {
        failed.hidden = false;
      }
    });
  });
})();
