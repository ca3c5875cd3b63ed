// On a phone the menu scrolls sideways: the present section is brought into sight, and the link with the focus,
// which browsers leave alone when a corner of it can be seen.
for (const scroller of document.querySelectorAll(".menu__scroller")) {
  const show = (link) => {
    scroller.scrollLeft = link.offsetLeft - scroller.offsetLeft - (scroller.clientWidth - link.offsetWidth) / 2;
  };
  const present = scroller.querySelector("[aria-current]");
  if (present) show(present);
  scroller.addEventListener("focusin", (event) => {
    if (event.target.matches(":focus-visible")) show(event.target);
  });
}
