// An empty required field is told beside it, in the words of the page: the browser's own bubble speaks the browser's
// language. Told before sending, since a form that comes back has lost its files. Without this the server tells it.

for (const form of document.querySelectorAll("[data-own-words]")) {
  form.noValidate = true;
  // Rows of fields that are empty, or that a script has refused with words of its own.
  const refusedRows = () => {
    const fields = [...form.elements].filter((field) => field.willValidate && (field.validity.valueMissing || field.validity.customError));
    const words = fields.map((field) => [field.closest(".form-row"), field.validity.customError ? field.validationMessage : form.dataset.ownWords]);
    return new Map(words.filter(([row]) => row));
  };

  const tell = () => {
    for (const told of form.querySelectorAll("[data-told]")) {
      told.closest(".form-row").classList.remove("errors");
      told.remove();
    }
    for (const [row, words] of refusedRows()) {
      const list = Object.assign(document.createElement("ul"), { className: "errorlist", role: "alert" });
      list.dataset.told = "";
      list.append(Object.assign(document.createElement("li"), { textContent: words }));
      row.prepend(list);
      row.classList.add("errors");
    }
  };

  // Before the other listeners, which take a sent form for granted.
  form.addEventListener(
    "submit",
    (event) => {
      tell();
      const [first] = refusedRows().keys();
      if (!first) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      first.querySelector(".select2-selection, input, textarea, select").focus();
    },
    { capture: true },
  );
}
