// The focal point of a photo: a click on it fills the two fields, and both crops follow at once.

for (const focus of document.querySelectorAll("[data-photo-focus]")) {
  const crops = focus.querySelector("[data-crops]");
  if (!crops) continue; // whoever only reads
  const photo = focus.querySelector("[data-photo]");
  const picture = photo.querySelector("img");
  const across = focus.querySelector("[name=focal_x]");
  const down = focus.querySelector("[name=focal_y]");
  const mark = photo.appendChild(document.createElement("span"));
  mark.className = "photo-focus__mark";

  const percent = (field) => Math.min(100, Math.max(0, Number(field.value) || 0));

  // Where a crop that shows `part` of the length begins, as CSS counts it: 0 % at one end, 100 % at the other.
  const place = (point, part) => {
    if (part >= 1) return 50;
    const start = Math.min(1 - part, Math.max(0, point / 100 - part / 2));
    return (start / (1 - part)) * 100;
  };

  const show = () => {
    const [x, y] = [percent(across), percent(down)];
    mark.style.insetInlineStart = `${x}%`;
    mark.style.insetBlockStart = `${y}%`;
    const ratio = picture.getAttribute("width") / picture.getAttribute("height");
    for (const crop of crops.querySelectorAll("img")) {
      const wanted = crop.parentElement.classList.contains("photo-focus__crop--square") ? 1 : 16 / 9;
      crop.style.objectPosition = `${place(x, wanted / ratio)}% ${place(y, ratio / wanted)}%`;
    }
  };

  photo.classList.add("photo-focus__photo--live");
  photo.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    across.value = Math.round(((event.clientX - box.left) / box.width) * 100);
    down.value = Math.round(((event.clientY - box.top) / box.height) * 100);
    show();
  });
  for (const field of [across, down]) field.addEventListener("input", show);
  crops.hidden = false;
  show();
}
