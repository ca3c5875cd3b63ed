// Keeps what is being typed: on the server, or in this browser while the server or the login is away.

import { LoginEnded, post, renew } from "./session.js";
import { numberRows } from "./row_order.js";

const QUIET = 3_000; // milliseconds without typing
const AT_LEAST = 30_000; // milliseconds while somebody types on and on
const RETRY = 15_000;
const KEPT_FOR = 30 * 24 * 3_600_000;

const form = document.getElementById("article_form");
const line = document.querySelector("[data-autosave]");
const settings = line.dataset;
const offer = document.querySelector("[data-offered]");
const keptHere = document.querySelector("[data-kept-here]");
const prefix = `draft:${settings.user}:`;
const slot = `${prefix}${settings.story}:${form.elements.key.value}`;

let known; // what was kept last, or stood in the form as it was opened
let pause, longest; // timers
let hasBegun = false; // before that nobody can have typed, though the editor still changes what it holds
let isSending = false;
let isStopped = false;

function pairs() {
  const numbers = [...form.querySelectorAll("input[name$='-order']")].map((field) => [field, field.value]);
  for (const group of document.querySelectorAll(".inline-group")) numberRows(group);
  const data = new FormData(form);
  for (const [field, value] of numbers) field.value = value; // numbering alone is no change
  for (const editor of Object.values(window.CKEDITOR?.instances ?? {})) data.set(editor.name.replace(/^id_/, ""), editor.getData());
  return [...data].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
}

const clock = (date = new Date()) => date.toTimeString().slice(0, 5);

function show(text, { login = false, isWrong = false } = {}) {
  line.querySelector("[data-state]").textContent = text;
  line.querySelector("[data-login]").hidden = !login;
  line.classList.toggle("autosave--wrong", isWrong);
}

// This browser's own copies

function copies() {
  const found = [];
  for (const name of Object.keys(localStorage)) {
    if (!name.startsWith(prefix)) continue;
    try {
      const copy = JSON.parse(localStorage.getItem(name));
      if (Date.now() - copy.at < KEPT_FOR) found.push({ name, ...copy });
      else localStorage.removeItem(name);
    } catch {
      localStorage.removeItem(name);
    }
  }
  return found.sort((one, other) => other.at - one.at);
}

function keepHere(typed) {
  try {
    localStorage.setItem(slot, JSON.stringify({ at: Date.now(), pairs: typed }));
    return true;
  } catch {
    return false; // no room, or switched off
  }
}

function away(typed, text, options) {
  if (keepHere(typed)) show(text, { isWrong: true, ...options });
  else show(settings.textFull, { isWrong: true, ...options });
}

// The server's

async function keep() {
  clearTimeout(pause);
  clearTimeout(longest);
  longest = undefined;
  if (isSending || isStopped || !hasBegun) return;
  const typed = pairs();
  const content = JSON.stringify(typed);
  if (content === known) return;
  if (offer && !offer.hidden) {
    away(typed, settings.textOffered);
    return;
  }
  isSending = true;
  try {
    const answer = await post(settings, typed);
    if (answer.at || answer.saved) localStorage.removeItem(slot);
    if (answer.status === 200) {
      known = content;
      show(settings.textKept.replace("{time}", answer.at));
    } else {
      isStopped = answer.status === 409;
      if (!answer.at && !answer.saved) keepHere(typed);
      show(answer.sentence, { isWrong: true });
    }
  } catch (error) {
    const isEnded = error instanceof LoginEnded;
    away(typed, isEnded ? settings.textEnded : settings.textAway.replace("{time}", clock()), { login: isEnded });
    pause = setTimeout(keep, RETRY);
  } finally {
    isSending = false;
  }
}

function typing() {
  if (isStopped) return;
  clearTimeout(pause);
  pause = setTimeout(keep, QUIET);
  longest ??= setTimeout(keep, AT_LEAST);
}

function typed(event) {
  if (event?.isTrusted !== false && event?.type === "input") show(settings.textWriting);
  typing();
}

// Offering back

function offerCopy(copy) {
  const moment = new Date(copy.at);
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { day: "2-digit", month: "2-digit", year: "numeric" }).format(moment);
  const words = keptHere.querySelector("[data-words]");
  words.textContent = words.dataset.words.replace("{time}", `${day} ${clock(moment)}`);
  keptHere.querySelector("[data-headline]").textContent = new Map(copy.pairs).get("headline") ?? "";
  keptHere.hidden = false;
  if (offer) offer.hidden = true; // the older one of the two
  const restoring = keptHere.querySelector("form");
  restoring.addEventListener("submit", () => {
    for (const [name, value] of copy.pairs) {
      if (!name.startsWith("_")) restoring.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
  });
  keptHere.querySelector("[data-discard]").addEventListener("click", () => {
    localStorage.removeItem(copy.name);
    keptHere.hidden = true;
    if (offer) offer.hidden = false;
  });
}

async function lookForCopies() {
  const found = copies().filter(({ name }) => name.startsWith(`${prefix}${settings.story}:`) || name.startsWith(`${prefix}new:`));
  if (!found.length) return;
  const { saved } = await renew(settings, found.map(({ name }) => name.split(":").at(-1)));
  for (const { name } of found) if (saved.includes(name.split(":").at(-1))) localStorage.removeItem(name);
  const newest = copies().find(({ name }) => name.startsWith(`${prefix}${settings.story}:`));
  const isOlder = newest && offer && newest.at / 1000 < Number(offer.dataset.offered);
  if (newest && !isOlder && !("restored" in settings)) offerCopy(newest);
}

form.addEventListener("input", typed);
form.addEventListener("change", typing);
form.addEventListener("click", typing); // buttons that move rows, choosers that fill fields without an event
document.addEventListener("formset:added", typing);
document.addEventListener("formset:removed", typing);
window.django?.jQuery?.(form).on("change", typing); // select2 tells jQuery only
window.CKEDITOR?.on("instanceReady", ({ editor }) => editor.on("change", () => typed({ type: "input" })));
for (const editor of Object.values(window.CKEDITOR?.instances ?? {})) {
  editor.on("change", () => typed({ type: "input" }));
}
form.addEventListener("submit", (event) => {
  keepHere(pairs()); // the login may have ended without a word
  if (event.defaultPrevented) return;
  isStopped = true;
  clearTimeout(pause);
  clearTimeout(longest);
});
document.addEventListener("visibilitychange", () => {
  if (hasBegun && !isStopped && JSON.stringify(pairs()) !== known) {
    if (document.visibilityState === "hidden") keepHere(pairs());
    keep();
  }
});

function begin() {
  hasBegun = true;
  known = JSON.stringify(pairs());
  if ("restored" in settings) {
    known = undefined;
    keep();
  }
}
const editor = window.CKEDITOR?.instances.id_body;
if (window.CKEDITOR && editor?.status !== "ready") window.CKEDITOR.on("instanceReady", begin);
else begin();
lookForCopies().catch(() => {}); // they stay where they are
