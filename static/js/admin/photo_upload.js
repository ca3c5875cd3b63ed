// Sends photos to the library, two at a time, each with a bar of its own; one that fails says why and can be sent
// again. Texts and addresses come from the page.

const AT_ONCE = 2;

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// The cookie is newer than the page after somebody has logged in again in another tab.
export const csrf = () =>
  /(?:^|; )(?:csrftoken|__Host-csrf)=([^;]+)/.exec(document.cookie)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]").value;

// Answers with the stored photo, or with an `error` for people that names the file.
export function sendPhoto(file, settings, { wantsRow = false, onProgress = () => {} } = {}) {
  const { texts } = settings;
  const refusal = (reason, more) => ({ error: `“${file.name}”: ${reason}`, ...more });
  if (file.size > settings.maxBytes) return Promise.resolve(refusal(texts.tooLarge));
  const form = new FormData();
  form.append("file", file, file.name || "anh.png");
  if (wantsRow) form.append("row", "1");
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", settings.upload);
    request.setRequestHeader("X-CSRFToken", csrf());
    request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(event.loaded / event.total));
    request.addEventListener("load", () => {
      if (request.getResponseHeader("Content-Type")?.includes("json")) resolve(JSON.parse(request.responseText));
      else if (new URL(request.responseURL).pathname !== settings.upload) resolve(refusal(texts.loggedOut, { logIn: settings.login }));
      else if (request.status === 403) resolve(refusal(texts.forbidden));
      else if (request.status === 413) resolve(refusal(texts.tooLarge));
      else resolve(refusal(texts.failed, { isPassing: true }));
    });
    for (const name of ["error", "abort", "timeout"]) {
      request.addEventListener(name, () => resolve(refusal(texts.failed, { isPassing: true })));
    }
    request.send(form);
  });
}

class Upload {
  constructor(file, queue) {
    Object.assign(this, { file, queue });
    this.bar = element("progress", { max: 1, value: 0 });
    this.bar.setAttribute("aria-label", file.name);
    this.text = element("span", { className: "photo-upload__text" });
    this.buttons = element("span", { className: "photo-upload__buttons" });
    this.row = element("li", {}, this.text, this.bar, this.buttons);
    this.wait();
  }

  wait() {
    this.state = "waiting";
    this.bar.hidden = false;
    this.row.className = "photo-upload photo-upload--waiting";
    this.show(`${this.file.name}: ${this.queue.texts.waiting}`);
  }

  show(text, ...buttons) {
    this.text.textContent = text;
    this.buttons.replaceChildren(...buttons);
  }

  async send() {
    const { settings, texts, wantsRow } = this.queue;
    this.state = "sending";
    this.row.classList.remove("photo-upload--waiting");
    this.show(`${this.file.name}: ${texts.sending}`);
    const onProgress = (part) => {
      this.bar.value = part;
      if (part === 1) this.show(`${this.file.name}: ${texts.making}`);
    };
    this.answer = await sendPhoto(this.file, settings, { wantsRow, onProgress });
    if (this.answer.error) this.fail();
    else this.succeed();
  }

  fail() {
    const { texts } = this.queue;
    this.state = "failed";
    this.bar.hidden = true;
    this.bar.value = 0;
    this.row.classList.add("photo-upload--failed");
    const again = element("button", { type: "button", className: "quiet-button", textContent: texts.retry });
    const leave = element("button", { type: "button", className: "quiet-button", textContent: texts.dismiss });
    again.addEventListener("click", () => this.queue.retry([this]));
    leave.addEventListener("click", () => this.queue.dismiss(this));
    const logIn = this.answer.logIn && element("a", { href: this.answer.logIn, target: "_blank", textContent: texts.logIn });
    this.show(this.answer.error, ...[logIn, again, leave].filter(Boolean));
  }

  succeed() {
    const { texts } = this.queue;
    this.state = "stored";
    this.bar.hidden = true;
    if (this.answer.isNew || !this.queue.tellsKnown) {
      this.row.remove();
      return;
    }
    const picture = element("img", { src: this.answer.thumbnail, alt: "", width: 60, height: 40 });
    const link = element("a", { href: this.answer.page, target: "_blank", textContent: texts.open });
    link.setAttribute("aria-label", `${texts.open}: ${this.answer.name}`);
    this.row.classList.add("photo-upload--known");
    this.row.prepend(picture);
    this.show(`${this.file.name}: ${texts.known}`, link);
  }
}

export class Uploads {
  // `onStored` gets the photos in the order in which their files were given; `onChange` hears of every change.
  constructor({ settings, list, wantsRow = false, tellsKnown = false, onStored, onChange = () => {} }) {
    Object.assign(this, { settings, texts: settings.texts, list, wantsRow, tellsKnown, onStored, onChange });
    this.all = [];
  }

  count(...states) {
    return this.all.filter((upload) => states.includes(upload.state)).length;
  }

  // Files that would be lost with the page: those on their way, and those that only the connection has kept back.
  get isBusy() {
    const held = this.all.some((upload) => upload.state === "failed" && (upload.answer.isPassing || upload.answer.logIn));
    return held || this.count("waiting", "sending") > 0;
  }

  add(files) {
    if (!this.count("waiting", "sending", "failed")) this.clear();
    const added = [...files].map((file) => new Upload(file, this));
    this.all.push(...added);
    this.list.append(...added.map((upload) => upload.row));
    this.next();
  }

  clear() {
    this.all = [];
    this.list.replaceChildren();
  }

  retry(uploads = this.all.filter((upload) => upload.state === "failed")) {
    for (const upload of uploads) upload.wait();
    this.next();
  }

  dismiss(upload) {
    upload.row.remove();
    this.all = this.all.filter((each) => each !== upload);
    this.onChange(this);
  }

  next() {
    while (this.count("sending") < AT_ONCE) {
      const upload = this.all.find((each) => each.state === "waiting");
      if (!upload) break;
      upload.send().then(() => {
        this.deliver();
        this.next();
      });
    }
    this.onChange(this);
  }

  deliver() {
    for (const upload of this.all) {
      if (upload.state === "waiting" || upload.state === "sending") return;
      if (upload.state !== "stored" || upload.isDelivered) continue;
      upload.isDelivered = true;
      this.onStored(upload.answer);
    }
  }
}
