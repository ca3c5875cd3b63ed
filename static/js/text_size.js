// A−, A, A+: the size of a story's text, remembered on the reader's own device.
const SIZES = ["small", "normal", "large", "larger", "largest"];
const NORMAL = SIZES.indexOf("normal");
const KEY = "text-size";

function remembered() {
  try {
    return SIZES.indexOf(localStorage.getItem(KEY));
  } catch {
    return -1; // storage is switched off
  }
}

function remember(size) {
  try {
    localStorage.setItem(KEY, size);
  } catch {
    // the size still holds for this page
  }
}

function show(index) {
  document.documentElement.dataset.textSize = SIZES[index];
}

let index = remembered();
if (index === -1) index = NORMAL;
show(index);

function connect() {
  const buttons = document.querySelector("[data-text-size-buttons]");
  if (!buttons) return;
  const update = () => {
    for (const button of buttons.querySelectorAll("[data-text-size-step]")) {
      const step = Number(button.dataset.textSizeStep);
      button.setAttribute("aria-disabled", String(step ? !SIZES[index + step] : index === NORMAL));
    }
  };
  buttons.addEventListener("click", (event) => {
    const button = event.target.closest("[data-text-size-step]");
    if (!button) return;
    const step = Number(button.dataset.textSizeStep);
    index = step ? Math.min(Math.max(index + step, 0), SIZES.length - 1) : NORMAL;
    show(index);
    remember(SIZES[index]);
    update();
  });
  update();
  buttons.hidden = false;
}

// The module may run before the page is parsed, so that the first sight already has the right size.
if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", connect);
} else {
  connect();
}
