// One press sends the files once, and says that it takes a while.

for (const form of document.querySelectorAll("[data-word-import]")) {
  const button = form.querySelector("button[type=submit]");
  const label = button.textContent;
  const waiting = form.querySelector("[data-waiting]");

  const show = (isBusy) => {
    button.disabled = isBusy;
    button.textContent = isBusy ? button.dataset.busy : label;
    waiting.textContent = isBusy ? waiting.dataset.waiting : "";
  };

  form.addEventListener("submit", () => show(true));
  // The browser's way back shows the page as it was left.
  window.addEventListener("pageshow", () => show(false));
}
