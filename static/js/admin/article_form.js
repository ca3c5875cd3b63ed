// The article form: address from the headline, row order, counters, and a word before unsaved text is left.

import "./slug.js";
import "./row_order.js";

for (const field of document.querySelectorAll("textarea[data-count]")) {
  const counter = document.createElement("span");
  counter.className = "counter";
  const show = () => (counter.textContent = `${field.value.trim().length}/${field.dataset.count}`);
  field.addEventListener("input", show);
  field.after(counter);
  show();
}

function grow(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}

for (const field of document.querySelectorAll("#id_headline, #id_lead")) {
  field.addEventListener("input", () => grow(field));
  grow(field);
}
// A headline is one line of text, however wide it runs.
document.getElementById("id_headline")?.addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault();
});

// A new story's form has an address of its own: who comes back to it after saving is led to the story.
const key = document.getElementById("id_key");
if (key) {
  const address = new URL(location);
  address.searchParams.set("key", key.value);
  history.replaceState(null, "", address);
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
}

const form = document.getElementById("article_form");
// Every field by its value, rows in their order: many are filled by select2 and date pickers, without an event.
const content = () => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
const opened = form && content();
const wasRefused = document.querySelector(".errornote") !== null;
let isLeaving = false;
form?.addEventListener("submit", () => (isLeaving = true));
window.addEventListener("beforeunload", (event) => {
  const bodyChanged = Object.values(window.CKEDITOR?.instances ?? {}).some((editor) => editor.checkDirty());
  if (!isLeaving && form && (wasRefused || bodyChanged || content() !== opened)) event.preventDefault();
});
