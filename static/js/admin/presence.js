// Tells that this form is open and shows who else has it open, and that somebody saved meanwhile.

import { post } from "./session.js";

const EVERY = 20_000; // milliseconds
const settings = document.querySelector("[data-presence]").dataset;
const others = document.querySelector("[data-others]");
const meanwhile = document.querySelector("[data-saved-meanwhile]");
const loadedAt = document.getElementById("id_loaded_at");

async function tell() {
  try {
    const answer = await post(settings, []);
    if (answer.status !== 200) return;
    others.textContent = answer.others.join(" ");
    others.hidden = !answer.others.length;
    if (loadedAt && answer.saved !== loadedAt.value && !document.hidden) {
      meanwhile.textContent = settings.textSaved.replace("{time}", answer.saved_at);
      meanwhile.hidden = false;
    }
  } catch {
    // The autosave tells of a lost connection or login.
  }
}

setInterval(tell, EVERY);
document.addEventListener("visibilitychange", () => document.hidden || tell());
window.addEventListener("pagehide", () => {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  navigator.sendBeacon(settings.address, new URLSearchParams({ csrfmiddlewaretoken: token, left: "1" }));
});
