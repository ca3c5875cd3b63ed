// What the buttons above a story do: each is hidden until its script, and where the browser cannot do it.

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

// The system's own list of where to share: Zalo, Messenger, messages. Only where the browser has one.
for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) continue;
  button.addEventListener("click", async () => {
    try {
      await navigator.share({ title: button.dataset.title, url: button.dataset.share });
    } catch {
      // the reader closed the list
    }
  });
  button.hidden = false;
}

// The button that prints the page.
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
  button.hidden = false;
}
