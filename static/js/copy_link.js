// Copies the address of the page; the button says so for two seconds. Hidden where browsers forbid it (plain HTTP).
for (const button of document.querySelectorAll("[data-copy-link]")) {
  if (!navigator.clipboard) continue;
  const label = button.textContent;
  let timer;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copyLink);
    button.textContent = button.dataset.copied;
    clearTimeout(timer);
    timer = setTimeout(() => (button.textContent = label), 2000);
  });
  button.setAttribute("aria-live", "polite");
  button.hidden = false;
}
