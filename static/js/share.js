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
