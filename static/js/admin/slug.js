// Writes the address of a new row while its name is typed, until somebody changes the address.

import { slugify } from "./fold.js";

for (const slug of document.querySelectorAll("input[data-slug-of]")) {
  const source = document.getElementById(`id_${slug.dataset.slugOf}`);
  let isOurs = slug.value === "";
  slug.addEventListener("input", () => (isOurs = slug.value === ""));
  source?.addEventListener("input", () => {
    if (isOurs) slug.value = slugify(source.value, 120);
  });
}
