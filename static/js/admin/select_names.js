// The boxes that select2 draws get the name of the field behind them, which select2 forgets.

function nameOf(select) {
  return select.getAttribute("aria-label") ?? document.querySelector(`label[for="${select.id}"]`)?.textContent.replace(/:\s*$/, "").trim();
}

function name(select) {
  const box = select.parentElement.querySelector(".select2-container");
  if (!box) return;
  for (const part of box.querySelectorAll("[role=combobox], [role=textbox], input[type=search]")) part.setAttribute("aria-label", nameOf(select) ?? "");
  // The list of chosen topics holds a search field, so it is no list.
  for (const list of box.querySelectorAll("ul")) list.setAttribute("role", "group");
  for (const item of box.querySelectorAll("li")) item.setAttribute("role", "presentation");
}

// select2 draws late and draws again after each choice.
function watch(select) {
  if (select.id.includes("__prefix__")) return;
  new MutationObserver(() => name(select)).observe(select.parentElement, { childList: true, subtree: true });
  name(select);
}

document.querySelectorAll("select.admin-autocomplete").forEach(watch);
document.addEventListener("formset:added", (event) => event.target.querySelectorAll("select.admin-autocomplete").forEach(watch));
