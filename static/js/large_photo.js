// The photos of a story, large, one after the other. Without this module their links open the files.
const dialog = document.querySelector("[data-large-photo-dialog]");
const links = [...document.querySelectorAll("a[data-large-photo]")];
const figure = document.createElement("figure");
figure.className = "large-photo__figure";
const steps = [...dialog.querySelectorAll("[data-step]")];
let shown = 0;

function show(place) {
  shown = place;
  const picture = links[place].querySelector("picture").cloneNode(true);
  for (const source of picture.querySelectorAll("source")) source.sizes = "100vw";
  const image = picture.querySelector("img");
  image.className = "large-photo__picture";
  image.loading = "eager";
  const words = links[place].parentElement.querySelector("figcaption")?.cloneNode(true);
  words?.classList.add("large-photo__caption");
  figure.replaceChildren(picture, ...(words ? [words] : []));
  dialog.querySelector("[data-place]").textContent = `${place + 1} / ${links.length}`;
  // Not `disabled`: a button with the focus would take it and the arrow keys along.
  for (const button of steps) button.setAttribute("aria-disabled", !links[place + Number(button.dataset.step)]);
}

function step(by) {
  if (links[shown + by]) show(shown + by);
}

for (const [place, link] of links.entries()) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return; // a new tab, a download
    event.preventDefault();
    show(place);
    dialog.prepend(figure);
    dialog.showModal();
  });
}

for (const button of steps) {
  button.hidden = links.length < 2;
  button.addEventListener("click", () => step(Number(button.dataset.step)));
}

dialog.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (by) step(by);
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
});
dialog.addEventListener("close", () => figure.remove());
