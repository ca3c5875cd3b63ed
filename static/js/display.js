// The reader's switches: size of the text, light or dark, contrast. Kept on the device alone; display_early.js reads it.
const root = document.documentElement;
const SIZES = ["small", "normal", "large", "larger", "largest"];
const NORMAL = SIZES.indexOf("normal");

function choose(name, value) {
  root.setAttribute(`data-${name}`, value);
  try {
    localStorage.setItem(name, value);
  } catch {
    // the choice still holds for this page
  }
}

function chosen(name) {
  const value = root.getAttribute(`data-${name}`);
  if (value || name !== "contrast") return value || "auto";
  return matchMedia("(prefers-contrast: more)").matches ? "more" : "normal";
}

function size() {
  const index = SIZES.indexOf(root.dataset.textSize);
  return index === -1 ? NORMAL : index;
}

const switches = [...document.querySelectorAll("[data-switch]")];
const steps = [...document.querySelectorAll("[data-text-size-step]")];

function update() {
  for (const button of switches) button.setAttribute("aria-pressed", chosen(button.dataset.switch) === button.value);
  for (const button of steps) {
    const step = Number(button.dataset.textSizeStep);
    // Not `disabled`: the button would lose the focus.
    button.setAttribute("aria-disabled", String(step ? !SIZES[size() + step] : size() === NORMAL));
  }
}

for (const button of switches) {
  button.addEventListener("click", () => {
    choose(button.dataset.switch, button.value);
    update();
  });
}
for (const button of steps) {
  button.addEventListener("click", () => {
    const step = Number(button.dataset.textSizeStep);
    choose("text-size", SIZES[step ? Math.min(Math.max(size() + step, 0), SIZES.length - 1) : NORMAL]);
    update();
  });
}
update();
for (const buttons of document.querySelectorAll("[data-text-size-buttons]")) buttons.hidden = false;

const menu = document.querySelector("[data-display]");
const summary = menu.querySelector("summary");
menu.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  menu.open = false;
  summary.focus();
});
document.addEventListener("click", (event) => {
  if (!menu.contains(event.target)) menu.open = false;
});
menu.addEventListener("focusout", (event) => {
  if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});
