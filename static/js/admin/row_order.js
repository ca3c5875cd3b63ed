// Up and down buttons for rows with an order number, and words beside the box that deletes one; the numbers themselves are written on submit.

const UP = "↑";
const DOWN = "↓";
const texts = document.getElementById("row-order-texts").dataset;

function rowsOf(group) {
  return [...group.querySelectorAll("tr.form-row:not(.empty-form)")];
}

// A row that nobody filled in stays untouched: a number would make it an incomplete one.
function isFilled(row) {
  const fields = row.querySelectorAll("input[type=text], input[type=url], input[type=file], select.admin-autocomplete");
  return row.classList.contains("has_original") || [...fields].some((field) => field.value);
}

export function numberRows(group) {
  rowsOf(group)
    .filter(isFilled)
    .forEach((row, index) => {
      const order = row.querySelector("input[name$='-order']");
      if (order) order.value = index + 1;
    });
}

function move(row, step) {
  const rows = rowsOf(row.closest(".inline-group"));
  const other = rows[rows.indexOf(row) + step];
  if (!other) return;
  if (step < 0) other.before(row);
  else other.after(row);
}

function addButtons(row) {
  const cell = row.querySelector(".field-order");
  if (!cell?.querySelector("input") || cell.querySelector("button")) return;
  for (const [sign, step, label] of [[UP, -1, texts.up], [DOWN, 1, texts.down]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet-button row-mover";
    button.textContent = sign;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => {
      move(row, step);
      button.focus();
    });
    cell.append(button);
  }
  cell.classList.add("field-order--buttons");
}

// Says beside the box what it does: where rows are blocks, no heading stands above it.
function nameDeletion(cell, text) {
  const label = document.createElement("label");
  label.append(...cell.childNodes, text);
  cell.append(label);
}

// A form that comes back has its rows where they stood when it was opened, and their new places as numbers.
function sort(group) {
  const place = (row) => Number(row.querySelector("input[name$='-order']")?.value) || Infinity;
  const rows = rowsOf(group);
  const sorted = [...rows].sort((one, other) => place(one) - place(other) || 0);
  if (sorted.some((row, index) => row !== rows[index])) rows.at(-1).after(...sorted);
}

for (const group of document.querySelectorAll(".inline-group")) {
  sort(group);
  rowsOf(group).forEach(addButtons);
  for (const box of group.querySelectorAll("td.delete input")) nameDeletion(box.parentElement, texts.delete);
  group.closest("form").addEventListener("submit", () => numberRows(group));
}
document.addEventListener("formset:added", (event) => addButtons(event.target));
