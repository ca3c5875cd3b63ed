// CKEditor writes its buttons' handlers into HTML, where the content policy of the admin lets none run. This takes
// them out of all HTML that the editor makes, before it is made, and listens for the same events instead. Only calls
// of the editor's own numbered functions are known; any other handler is dropped, whoever wrote it.

{
  const TAG = /<\w[^<>]*>/g;
  const ATTRIBUTE = /\son([a-z]+)="([^"]*)"/g;
  const MARKS = ["click", "dragstart", "focus", "keydown", "keypress", "mousedown", "mouseout", "mouseover"];
  const MARKED = MARKS.map((type) => `[data-cke-on-${type}]`).join();
  const CALL =
    /^(return )?CKEDITOR\.tools\.callFunction\(\s*(\d+)((?:\s*,\s*(?:event|this|\d+|'(?:[^'\\]|\\')*'))*)\s*\);?\s*(return false;?)?$/;
  const ARGUMENT = /event|this|\d+|'(?:[^'\\]|\\')*'/g;
  const ONLOAD = / onload="window\.parent\.CKEDITOR\.tools\.callFunction\((\d+)\);"/;

  const marked = (html) => html.replace(TAG, (tag) => tag.replace(ATTRIBUTE, ' data-cke-on-$1="$2"'));

  function valueOf(argument, element, event) {
    if (argument === "event") return event;
    if (argument === "this") return element;
    return argument.startsWith("'") ? argument.slice(1, -1).replaceAll("\\'", "'") : Number(argument);
  }

  function listen(element, type, code) {
    const [isCall, returns, number, values, refuses] = CALL.exec(code) ?? [];
    if (!isCall && !/^return false;?$/.test(code)) return;
    element.addEventListener(type, (event) => {
      const given = (values?.match(ARGUMENT) ?? []).map((each) => valueOf(each, element, event));
      const answer = isCall ? CKEDITOR.tools.callFunction(Number(number), ...given) : false;
      if (refuses || !isCall || (returns && answer === false)) event.preventDefault();
    });
  }

  const { setHtml } = CKEDITOR.dom.element.prototype;
  CKEDITOR.dom.element.prototype.setHtml = function (html) {
    const made = setHtml.call(this, marked(html));
    for (const element of this.$.querySelectorAll(MARKED)) {
      for (const type of MARKS) {
        const code = element.getAttribute(`data-cke-on-${type}`);
        element.removeAttribute(`data-cke-on-${type}`);
        if (code !== null) listen(element, type, code.trim());
      }
    }
    return made;
  };

  // Lists that open, as that of formats, stand in a frame of their own, which is written.
  const { write } = CKEDITOR.dom.document.prototype;
  CKEDITOR.dom.document.prototype.write = function (html) {
    const number = ONLOAD.exec(html)?.[1];
    write.call(this, html.replace(ONLOAD, ""));
    if (number) this.getWindow().$.addEventListener("load", () => CKEDITOR.tools.callFunction(Number(number)), { once: true });
  };

  // Its buttons are links to nowhere, which the policy would refuse aloud.
  document.addEventListener("click", (event) => {
    if (event.target.closest?.(".cke a[href^='javascript:'], .cke_dialog a[href^='javascript:']")) event.preventDefault();
  });
}

CKEDITOR.plugins.add("handlers", {});
