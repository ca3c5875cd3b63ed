// On a phone the menu scrolls sideways: the present section is brought into sight.
for (const link of document.querySelectorAll(".menu__link[aria-current]")) {
  const scroller = link.closest(".menu__scroller");
  scroller.scrollLeft = link.offsetLeft - scroller.offsetLeft - (scroller.clientWidth - link.offsetWidth) / 2;
}
