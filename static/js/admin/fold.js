// The folding of articles/fold.py in the browser: tests/data/fold.json holds both to the same answers.

const UNDECOMPOSED = { đ: "d", Đ: "d", ð: "d", Ð: "d" };

function foldLetter(letter) {
  return UNDECOMPOSED[letter] ?? [...[...letter.normalize("NFD")][0].toLowerCase()][0];
}

export function fold(text) {
  return [...text.normalize("NFC")].map(foldLetter).join("");
}

export function slugify(text, maxLength = 120) {
  const slug = fold(text).replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  if (slug.length <= maxLength) return slug;
  const cut = slug.slice(0, maxLength + 1);
  return cut.includes("-") ? cut.slice(0, cut.lastIndexOf("-")) : slug.slice(0, maxLength);
}
