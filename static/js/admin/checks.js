// The checks beside a story's form: asked for again once the writer pauses. The server decides; nothing is saved.

const PAUSE = 1500; // milliseconds

const panel = document.querySelector("[data-checks]");
const form = document.getElementById("article_form");
const list = panel.querySelector("[data-checks-list]");
const editors = () => Object.values(window.CKEDITOR?.instances ?? {});
let timer;
let asking;

function written() {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  for (const editor of editors()) data.set(editor.element.getAttribute("name"), editor.getData());
  return data;
}

async function check() {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(panel.dataset.checks, {
      method: "POST", body: written(), signal: asking.signal, redirect: "error",
    });
    if (answer.ok) list.innerHTML = await answer.text(); // nosemgrep (a template of ours)
  } catch {
    // Away, signed out, or overtaken by the next question: the list stays as it is.
  }
}

function wait() {
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
}

for (const name of ["input", "change"]) form.addEventListener(name, wait);
// Select2 tells of its choices by jQuery alone.
window.django?.jQuery(form).on("change", wait);
for (const editor of editors()) editor.on("change", wait);
window.CKEDITOR?.on("instanceReady", ({ editor }) => editor.on("change", wait));
