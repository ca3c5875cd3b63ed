// The dialog of the link button: a story of this site, found by its words, or an address elsewhere.

const holder = document.querySelector("[data-link-dialog]");
const settings = holder && JSON.parse(holder.dataset.linkDialog);
const texts = settings?.texts;

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// What people type for an address, as one; null where it is none.
function addressOf(typed) {
  const text = typed.trim();
  if (/^[^\s@/:]+@[^\s@/]+\.[^\s@/]+$/.test(text)) return `mailto:${text}`;
  if (/^\/(?!\/)\S*$/.test(text) || /^(mailto:|tel:)\S+$/i.test(text)) return text;
  try {
    const url = new URL(/^https?:\/\//i.test(text) ? text : `https://${text}`);
    return /^https?:$/.test(url.protocol) && url.hostname.includes(".") && !/\s/.test(text) ? url.href : null;
  } catch {
    return null;
  }
}

class LinkDialog {
  constructor() {
    this.search = element("input", { type: "search" });
    this.results = element("ul", { className: "link-dialog__results" });
    this.address = element("input", { type: "text", inputMode: "url", placeholder: "https://", name: "address", autocomplete: "off" });
    this.found = element("p", { className: "link-dialog__note" });
    this.refusal = element("p", { className: "link-dialog__note link-dialog__note--refusal" });
    for (const note of [this.found, this.refusal]) note.setAttribute("role", "status");
    const close = element("button", { type: "button", className: "quiet-button", textContent: texts.close });
    const outside = element(
      "form",
      { className: "link-dialog__outside", method: "dialog" },
      element("label", {}, element("span", { textContent: texts.outside }), this.address),
      element("button", { type: "submit", className: "plain-button", textContent: texts.set }),
    );
    this.dialog = element(
      "dialog",
      { className: "link-dialog" },
      element("header", { className: "link-dialog__head" }, element("h2", { textContent: texts.title }), close),
      element("label", { className: "link-dialog__inside" }, element("span", { textContent: texts.inside }), this.search),
      this.found,
      this.results,
      outside,
      this.refusal,
    );
    this.dialog.setAttribute("aria-label", texts.title);
    document.body.append(this.dialog);

    close.addEventListener("click", () => this.dialog.close());
    outside.addEventListener("submit", (event) => this.setOutside(event));
    this.search.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.find(), 250);
    });
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
      if (event.key === "ArrowDown") this.results.querySelector("button")?.focus();
    });
  }

  open({ href, text, done }) {
    this.done = done;
    this.search.value = "";
    this.found.textContent = this.refusal.textContent = "";
    this.address.value = href;
    this.results.replaceChildren();
    this.dialog.showModal();
    (href ? this.address : this.search).focus();
    this.find();
  }

  async find() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const query = new URLSearchParams({ q: this.search.value });
    const stories = await fetch(`${settings.stories}?${query}`)
      .then((answer) => (answer.ok ? answer.json() : null))
      .then((answer) => answer?.stories ?? null)
      .catch(() => null);
    if (turn !== this.turn) return; // a newer search has been sent meanwhile
    this.found.textContent = stories === null ? texts.failed : stories.length ? "" : texts.none;
    this.results.replaceChildren(...(stories ?? []).map((story) => this.row(story)));
  }

  row(story) {
    const facts = element("span", { className: "link-dialog__facts", textContent: story.facts });
    const button = element("button", { type: "button" }, element("strong", { textContent: story.headline }), facts);
    button.addEventListener("click", () => this.finish({ href: story.address, text: story.headline }));
    return element("li", {}, button);
  }

  setOutside(event) {
    event.preventDefault();
    const href = addressOf(this.address.value);
    if (href) this.finish({ href, text: "" });
    else this.refusal.textContent = texts.noAddress;
  }

  finish(choice) {
    this.dialog.close();
    this.done(choice);
  }
}

let dialog;
document.addEventListener("links:choose", (event) => (dialog ??= new LinkDialog()).open(event.detail));
