// Reads a story aloud with a voice of the system in the language of the page; shown only where there is one.
const language = document.documentElement.lang.slice(0, 2);
const group = document.querySelector("[data-read-aloud]");
const [play, stop] = group.querySelectorAll("button");
const BLOCKS = "p, h2, h3, li, caption, tr, figcaption";
const LONGEST = 200; // letters: Chromium falls silent in longer pieces
let voice;
let pieces = [];
let next = 0;
let turn = 0; // cancelled pieces still report their end

function fitting() {
  const voices = speechSynthesis.getVoices().filter((each) => each.lang.toLowerCase().split(/[-_]/)[0] === language);
  return voices.find((each) => each.localService) ?? voices[0];
}

// Sentence by sentence, and long ones at their commas.
function sentences(text) {
  const found = Intl.Segmenter
    ? [...new Intl.Segmenter(language, { granularity: "sentence" }).segment(text)].map((each) => each.segment)
    : [text];
  return found
    .flatMap((each) => (each.length > LONGEST ? each.match(/[^]{1,160}[,;:](?=\s)|[^]{1,200}(?=\s|$)/g) : [each]))
    .map((each) => each.trim())
    .filter(Boolean);
}

function readable() {
  const around = [...document.querySelectorAll("[data-read]")];
  const body = [...document.querySelectorAll("[data-read-blocks] :is(" + BLOCKS + ")")];
  const outermost = body.filter((each) => !each.parentElement.closest(BLOCKS));
  return [...around, ...outermost].flatMap((element) =>
    sentences(element.innerText.replace(/\t/g, ", ")).map((text) => ({ element, text })),
  );
}

function show(state) {
  play.textContent = play.dataset[state];
  stop.hidden = state === "play";
  for (const each of document.querySelectorAll("[data-being-read]")) each.removeAttribute("data-being-read");
  if (state !== "play") pieces[next]?.element.setAttribute("data-being-read", "");
}

function speak() {
  const mine = ++turn;
  speechSynthesis.cancel();
  if (next >= pieces.length) return finish();
  show("pause");
  const utterance = new SpeechSynthesisUtterance(pieces[next].text);
  utterance.voice = voice;
  utterance.lang = voice.lang;
  utterance.onend = () => {
    if (mine !== turn) return;
    next += 1;
    speak();
  };
  utterance.onerror = () => {
    if (mine === turn) finish();
  };
  speechSynthesis.speak(utterance);
}

// Not pause(): on telephones it forgets where it was.
function rest() {
  turn += 1;
  speechSynthesis.cancel();
  show("resume");
}

function finish() {
  turn += 1;
  speechSynthesis.cancel();
  pieces = [];
  next = 0;
  show("play");
}

play.addEventListener("click", () => {
  if (play.textContent === play.dataset.pause) return rest();
  if (!pieces.length) pieces = readable();
  speak();
});
stop.addEventListener("click", () => {
  finish();
  play.focus();
});
addEventListener("pagehide", finish);

function offer() {
  voice = fitting();
  group.hidden = !voice;
}

if ("speechSynthesis" in window) {
  speechSynthesis.addEventListener?.("voiceschanged", offer);
  offer();
}
