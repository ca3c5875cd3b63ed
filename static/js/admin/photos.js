// The photo dialog: sends files, shows the library, hands over what was chosen.

import { Uploads, csrf, element, sendPhoto } from "./photo_upload.js";

const settings = JSON.parse(document.getElementById("photo-dialog-settings").textContent);
const texts = settings.texts;

// The answer, or an object with an `error` for people: the login may have run out, the server be away.
async function request(address, form) {
  try {
    const options = form ? { method: "POST", body: form, headers: { "X-CSRFToken": csrf() } } : {};
    const response = await fetch(address, options);
    if (response.headers.get("Content-Type")?.includes("json")) return await response.json();
  } catch {
    // no connection: said below
  }
  return { error: texts.failed };
}

const send = (file) => sendPhoto(file, settings.uploads);

class PhotoDialog {
  constructor() {
    this.grid = element("ul", { className: "photo-dialog__grid" });
    this.notes = element("div", { className: "photo-dialog__notes" });
    this.notes.setAttribute("role", "status");
    this.sent = element("ul", { className: "photo-uploads__list" });
    this.mine = element("input", { type: "checkbox" });
    const mine = element("label", { className: "photo-dialog__mine" }, this.mine, texts.mine);
    this.search = element("input", { type: "search", placeholder: texts.search, className: "photo-dialog__search" });
    this.search.setAttribute("aria-label", texts.search);
    this.file = element("input", { type: "file", multiple: true, accept: settings.accept });
    this.drop = element("label", { className: "photo-dialog__drop" }, this.file, element("strong", { textContent: texts.add }), element("span", { textContent: texts.hint }));
    this.more = element("button", { type: "button", className: "quiet-button", textContent: texts.more, hidden: true });
    this.insert = element("button", { type: "button", className: "big-button photo-dialog__insert", textContent: texts.insert });
    const close = element("button", { type: "button", className: "quiet-button", textContent: texts.close });
    this.words = element("div", { className: "photo-dialog__words" });
    this.dialog = element(
      "dialog",
      { className: "photo-dialog" },
      element("header", { className: "photo-dialog__head" }, element("h2", { textContent: texts.title }), this.search, mine, close),
      this.drop,
      this.notes,
      element("div", { className: "photo-dialog__library" }, this.grid, this.more),
      this.words,
      element("footer", { className: "photo-dialog__foot" }, this.insert),
    );
    this.dialog.setAttribute("aria-label", texts.title);
    document.body.append(this.dialog);

    close.addEventListener("click", () => this.dialog.close());
    this.insert.addEventListener("click", () => this.finish());
    this.more.addEventListener("click", () => this.load(this.page + 1));
    this.mine.addEventListener("change", () => this.load(0));
    this.uploads = new Uploads({ settings: settings.uploads, list: this.sent, onStored: (photo) => this.take(photo), onChange: () => this.update() });
    this.file.addEventListener("change", () => {
      this.uploads.add(this.many ? this.file.files : [...this.file.files].slice(0, 1));
      this.file.value = "";
    });
    this.search.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.load(0), 250);
    });
    this.dialog.addEventListener("dragover", (event) => event.preventDefault());
    this.dialog.addEventListener("drop", (event) => {
      event.preventDefault();
      this.uploads.add(this.many ? event.dataTransfer.files : [...event.dataTransfer.files].slice(0, 1));
    });
  }

  open({ many, done }) {
    Object.assign(this, { many, done, chosen: [], rows: new Map(), failed: false });
    this.uploads.clear();
    this.notes.replaceChildren(this.sent);
    this.words.replaceChildren();
    this.file.value = "";
    this.file.multiple = many;
    this.search.value = "";
    this.insert.textContent = many ? texts.insert : texts.choose;
    this.dialog.showModal();
    this.load(0);
    this.update();
  }

  async load(page) {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const answer = await request(`${settings.choices}?${new URLSearchParams({ q: this.search.value, page, mine: this.mine.checked ? "1" : "" })}`);
    if (turn !== this.turn) return; // a newer search has been sent meanwhile
    if (answer.error) {
      this.refuse(answer.error);
      return;
    }
    this.page = page;
    if (!page) this.grid.replaceChildren();
    this.grid.append(...answer.photos.map((photo) => this.card(photo)));
    if (!this.grid.children.length) this.grid.append(element("li", { className: "photo-dialog__none", textContent: texts.none }));
    this.more.hidden = !answer.more;
    this.update();
  }

  card(photo) {
    const picture = element("img", { src: photo.thumbnail, alt: "", width: 160, height: 107, loading: "lazy" });
    const button = element("button", { type: "button", className: "photo-dialog__photo" }, picture, element("span", { textContent: photo.name }));
    button.setAttribute("aria-pressed", "false");
    button.dataset.id = photo.id;
    button.addEventListener("click", () => this.toggle(photo));
    return element("li", {}, button);
  }

  toggle(photo) {
    const isChosen = this.chosen.some((each) => each.id === photo.id);
    if (isChosen) this.chosen = this.chosen.filter((each) => each.id !== photo.id);
    else this.chosen = this.many ? [...this.chosen, photo] : [photo];
    this.update();
  }

  update() {
    for (const button of this.grid.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(this.chosen.some((photo) => String(photo.id) === button.dataset.id)));
    }
    this.insert.disabled = !this.chosen.length || this.uploads.count("waiting", "sending") > 0;
    // Rows stay as they are while their photo stays chosen: somebody may be typing in one.
    for (const [id, row] of this.rows) {
      if (this.chosen.some((photo) => photo.id === id)) continue;
      row.remove();
      this.rows.delete(id);
    }
    for (const photo of this.chosen) {
      if (this.rows.has(photo.id) || !(this.many || photo.isNew)) continue;
      const row = this.wordsOf(photo);
      this.rows.set(photo.id, row);
      this.words.append(row);
    }
  }

  // Caption, credit and alternative text of a chosen photo, sent when the field is left. Those of a new photo go to
  // the library; a photo that was there before keeps its own, and gets these for this use.
  wordsOf(photo) {
    const fields = ["caption", "credit", "alt"].map((name) => {
      const value = photo[name];
      const field = name === "credit" ? element("input", { type: "text", maxLength: 120, name, value }) : element("textarea", { rows: 2, name, value });
      field.addEventListener("input", () => (photo[name] = field.value));
      field.addEventListener("change", () => this.saveWords(photo, row));
      return element("label", {}, element("span", { textContent: texts[name] }), field);
    });
    const picture = element("img", { src: photo.thumbnail, alt: "", width: 90, height: 60 });
    const note = element("span", { className: "photo-dialog__saved", textContent: photo.isNew ? "" : texts.forThisUse });
    const row = element("div", { className: "photo-dialog__row" }, picture, ...fields, note);
    return row;
  }

  // One after the other: an earlier save must never overtake a later one.
  saveWords(photo, row) {
    this.saving = Promise.resolve(this.saving).then(() => this.postWords(photo, row));
  }

  async postWords(photo, row) {
    const form = new FormData();
    for (const field of row.querySelectorAll("input, textarea")) form.append(field.name, field.value);
    if (photo.isNew) form.append("for_library", "1");
    const answer = await request(photo.wordsUrl, form);
    if (answer.error) this.failed = true;
    else photo.html = answer.html;
    row.querySelector(".photo-dialog__saved").textContent = answer.error ?? (photo.isNew ? texts.wordsSaved : texts.forThisUse);
  }

  refuse(text) {
    this.notes.append(element("p", { className: "photo-dialog__refusal", textContent: text }));
  }

  take(photo) {
    this.grid.querySelector(".photo-dialog__none")?.remove();
    this.grid.querySelector(`[data-id="${photo.id}"]`)?.parentElement.remove();
    this.grid.prepend(this.card(photo));
    if (!this.chosen.some((each) => each.id === photo.id)) this.toggle(photo);
  }

  // Words that were refused keep the dialog open, with the reason beside them.
  async finish() {
    document.activeElement?.blur();
    this.failed = false;
    await this.saving;
    if (this.failed) return;
    this.dialog.close();
    this.done(this.chosen);
  }
}

let dialog;

function choose(request) {
  dialog ??= new PhotoDialog();
  dialog.open(request);
}

function say(text, isError = false) {
  let list = document.querySelector("ul.messagelist");
  if (!list) {
    list = element("ul", { className: "messagelist" });
    document.querySelector("#content").prepend(list);
  }
  const note = element("li", { className: isError ? "error" : "info", textContent: text });
  note.setAttribute("role", "status");
  list.append(note);
  return note;
}

// Sends files that were dropped or pasted into the text; each refusal is said by name.
async function sendAll({ files, done }) {
  const note = say(texts.sending);
  for (const file of files) {
    const photo = await send(file);
    if (photo.error) say(photo.error, true);
    else done([photo]);
  }
  note.remove();
}

// Stores the pictures inside a pasted text and puts captioned photos in their place.
async function replacePictures({ html, done }) {
  const note = say(texts.sending);
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const picture of page.querySelectorAll("img")) {
    if (!/^(data|blob):/.test(picture.getAttribute("src") ?? "")) continue;
    const blob = await fetch(picture.src).then((answer) => answer.blob()).catch(() => null); // Word's own blobs end with it
    const photo = blob
      ? await send(new File([blob], `anh-dan.${blob.type.split("/")[1] ?? "png"}`, { type: blob.type }))
      : { error: texts.unreachable };
    if (photo.error) {
      say(photo.error, true);
      picture.remove();
    } else {
      picture.outerHTML = photo.html; // nosemgrep (a template of ours)
    }
  }
  note.remove();
  done(page.body.innerHTML);
}

document.addEventListener("photos:choose", (event) => choose(event.detail));
document.addEventListener("photos:send", (event) => sendAll(event.detail));
document.addEventListener("photos:replace", (event) => replacePictures(event.detail));

for (const chooser of document.querySelectorAll("[data-photo-chooser]")) {
  const field = chooser.querySelector("input");
  const picture = chooser.querySelector("img");
  const name = chooser.querySelector(".photo-chooser__name");
  const clear = chooser.querySelector("[data-clear]");
  const show = (photo) => {
    field.value = photo?.id ?? "";
    picture.src = photo?.thumbnail ?? "";
    picture.hidden = clear.hidden = !photo;
    name.textContent = photo?.name ?? "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  chooser.querySelector("[data-choose]").addEventListener("click", () => choose({ many: false, done: ([photo]) => show(photo) }));
  clear.addEventListener("click", () => show(null));
}
