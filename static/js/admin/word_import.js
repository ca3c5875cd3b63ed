// Names the chosen files and refuses too large ones; one press sends them once, and says that it takes a while.

for (const form of document.querySelectorAll("[data-word-import]")) {
  const button = form.querySelector("button[type=submit]");
  const label = button.textContent;
  const waiting = form.querySelector("[data-waiting]");
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-files]");

  const show = (isBusy) => {
    button.disabled = isBusy;
    button.textContent = isBusy ? button.dataset.busy : label;
    waiting.textContent = isBusy ? waiting.dataset.waiting : "";
  };

  const name = () => {
    const names = [...input.files].map((file) => Object.assign(document.createElement("li"), { textContent: file.name }));
    list.replaceChildren(...names);
    list.hidden = names.length < 2; // the browser itself names a single one
  };

  // Said before hundreds of megabytes are sent, which a server in front may cut off without a word of ours.
  const check = () => {
    const large = [...input.files].find((file) => file.size > Number(input.dataset.maxBytes));
    input.setCustomValidity(large ? `“${large.name}”: ${input.dataset.tooLarge}` : ""); // told by own_words.js
  };

  input.addEventListener("change", name);
  input.addEventListener("change", check);
  form.addEventListener("submit", () => show(true));
  // The browser's way back shows the page as it was left.
  window.addEventListener("pageshow", () => show(false));
}
