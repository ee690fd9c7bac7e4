// Makes pages quicker to use. Everything works without it; nothing is stored in the browser.
"use strict";

// A scope of its own: an answer to an upload is written into the same window and runs this again.
(() => {
  // Leave at once: the link, or Shift three times. The page is emptied and replaced in the history.
  const leave = document.querySelector("[data-leave]");
  const go = (event) => {
    if (event) event.preventDefault();
    document.documentElement.replaceChildren();
    location.replace(leave.href);
  };
  if (leave) {
    leave.addEventListener("click", go);
    let pressed = [];
    document.addEventListener("keyup", (event) => {
      pressed = event.key === "Shift" ? [...pressed, event.timeStamp].slice(-3) : [];
      if (pressed.length === 3 && pressed[2] - pressed[0] < 2000) go();
    });
    document.querySelector("[data-leave-plain]").hidden = true;
    document.querySelector("[data-leave-script]").hidden = false;
  }
  // Questions that wait for an answer.
  const conditional = document.querySelectorAll("[data-shown-if]");
  const refresh = () => conditional.forEach((part) => {
    const [name, value] = part.dataset.shownIf.split("=");
    const chosen = document.querySelector(`input[name="${name}"]:checked`);
    const typed = [...part.querySelectorAll("input, textarea")].some((f) => (f.type === "radio" ? f.checked : f.value));
    part.hidden = !typed && !(chosen && chosen.value === value);
  });
  // A folded part in which nothing is left to ask is not shown either.
  const parts = [...document.querySelectorAll("form > details")].filter((part) => part.querySelector("[data-shown-if]"));
  const fold = () => parts.forEach((part) => { part.hidden = ![...part.querySelectorAll(".question")].some((q) => !q.hidden); });
  document.addEventListener("change", () => { refresh(); fold(); });
  refresh();
  fold();

  // Errors first.
  document.querySelector(".problems")?.focus();

  // Copy and print.
  document.querySelectorAll("[data-copy]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim());
      button.textContent = button.dataset.done;
    });
  });
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => print());
  });

  // A little work for the computer, which clears a report of the suspicion of being junk.
  const work = async (form) => {
    const { token, work: answer } = form.elements;
    const bits = Number(form.dataset.workBits);
    if (!globalThis.crypto?.subtle) return;
    const encoder = new TextEncoder();
    for (let n = 0; n < 2 ** (bits + 4); n += 1) {
      const hash = new Uint32Array(await crypto.subtle.digest("SHA-256", encoder.encode(`${token.value}:${n}`)));
      const first = new DataView(hash.buffer).getUint32(0);
      if (first >>> (32 - bits) === 0) { answer.value = String(n); return; }
    }
  };

  // Sending: one click sends once, and files show how far they are.
  document.querySelectorAll("form[data-send]").forEach((form) => {
    if (form.dataset.workBits) work(form);
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
      const button = form.querySelector("[type=submit]");
      button.setAttribute("aria-busy", "true");
      const again = () => { delete form.dataset.sent; button.removeAttribute("aria-busy"); };
      addEventListener("pageshow", again);
      const files = form.querySelector("input[type=file]");
      if (!files || !files.files.length) { setTimeout(again, 20000); return; }
      event.preventDefault();
      const progress = form.querySelector("progress");
      progress.hidden = false;
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.upload.addEventListener("progress", (e) => { if (e.lengthComputable) { progress.max = e.total; progress.value = e.loaded; } });
      const failed = () => {
        again();
        progress.hidden = true;
        const problem = form.querySelector("[data-broken]");
        problem.hidden = false;
        problem.focus();
      };
      request.addEventListener("load", () => {
        // A proxy's own page would wipe out the form.
        if (!request.responseText.includes("data-leave")) { failed(); return; }
        document.open();
        document.write(request.responseText);
        document.close();
      });
      request.addEventListener("error", failed);
      request.send(new FormData(form));
    });
  });
})();
