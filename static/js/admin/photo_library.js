// The library's page: files dropped anywhere on it are sent, and their words are written in one table.

import { Uploads, csrf } from "./photo_upload.js";

const panel = document.querySelector("[data-photo-uploads]");
const table = document.querySelector("[data-photo-words]");
const choice = document.querySelector("[data-photo-choice]");

let isTyped = false;
let uploads;

function startTable() {
  const rows = table.querySelector("[data-rows]");
  const fields = (name) => [...rows.querySelectorAll(`[name$="-${name}"]`)];
  const put = (field, value) => {
    field.value = value;
    isTyped = true;
  };
  const matchDecorative = (box) => {
    box.closest("[data-row]").querySelector("[name$='-alt']").disabled = box.checked;
  };

  table.querySelector("[data-for-all]").hidden = false;
  table.addEventListener("input", () => (isTyped = true));
  table.addEventListener("change", (event) => event.target.name?.endsWith("-is_decorative") && matchDecorative(event.target));
  table.querySelector("[data-fill-credit]").addEventListener("click", () => {
    const { value } = table.querySelector("[data-credit-for-all]");
    if (value.trim()) for (const field of fields("credit")) put(field, value.trim());
  });
  table.querySelector("[data-fill-caption]").addEventListener("click", () => {
    const [first, ...others] = fields("caption");
    for (const field of others) if (first.value && !field.value) put(field, first.value);
  });
  // Enter in the field for all rows must not save.
  table.querySelector("[data-credit-for-all]").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    table.querySelector("[data-fill-credit]").click();
  });
  // Asked first whether the login still holds: the way over the login page would lose what was typed.
  const lapsed = table.querySelector("[data-lapsed]");
  table.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await fetch(table.action, { method: "HEAD" }).catch(() => null);
    lapsed.hidden = Boolean(answer?.ok && !answer.redirected);
    if (!lapsed.hidden) return;
    isTyped = false;
    table.querySelector("[name=csrfmiddlewaretoken]").value = csrf();
    table.submit();
  });
  // A box that stands ticked beside an alternative text has just been refused: the text stays to be seen.
  for (const box of fields("is_decorative")) {
    const alt = box.closest("[data-row]").querySelector("[name$='-alt']");
    if (!alt.value) matchDecorative(box);
  }

  return (html) => {
    rows.insertAdjacentHTML("beforeend", html); // nosemgrep (a template of ours)
    table.hidden = false;
  };
}

function startUploads(addRow) {
  const settings = JSON.parse(document.getElementById("photo-upload-settings").textContent);
  const state = panel.querySelector("[data-state]");
  const progress = panel.querySelector("[data-progress]");
  const retryAll = panel.querySelector("[data-retry-all]");
  const input = panel.querySelector("[data-files]");

  const tell = (queue) => {
    const failed = queue.count("failed");
    const parts = [settings.texts.progress.replace("{done}", queue.count("stored")).replace("{all}", queue.all.length)];
    if (failed) parts.push(settings.texts.someFailed.replace("{failed}", failed));
    progress.textContent = parts.join(", ");
    retryAll.hidden = failed < 2;
    state.hidden = !queue.all.length;
  };

  uploads = new Uploads({
    settings,
    list: panel.querySelector("[data-list]"),
    wantsRow: true,
    tellsKnown: true,
    onStored: (photo) => photo.row && addRow(photo.row),
    onChange: tell,
  });

  panel.hidden = false;
  for (const form of document.querySelectorAll("[data-without-script]")) form.hidden = true;
  input.addEventListener("change", () => {
    uploads.add(input.files);
    input.value = "";
  });
  retryAll.addEventListener("click", () => uploads.retry());

  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    document.body.classList.add("is-dropping");
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("is-dropping"));
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    document.body.classList.remove("is-dropping");
    uploads.add(event.dataTransfer.files);
    panel.scrollIntoView({ block: "nearest" });
  });
}

function startChoice() {
  const button = choice.querySelector("button");
  const note = choice.querySelector("[data-count]");
  if (!button) return;
  const tell = () => {
    const { length } = choice.querySelectorAll("[name=id]:checked");
    button.disabled = !length;
    note.textContent = length ? note.dataset.count.replace("{count}", length) : "";
  };
  choice.addEventListener("change", tell);
  window.addEventListener("pageshow", tell);
}

const addRow = table && startTable();
if (panel) startUploads(addRow);
if (choice) startChoice();

window.addEventListener("beforeunload", (event) => {
  if (isTyped || uploads?.isBusy) event.preventDefault();
});
