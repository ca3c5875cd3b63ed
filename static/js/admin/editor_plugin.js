// A CKEditor plugin for what the newsroom adds: links to our own stories, the info box, counts, words of the interface.
// The dialog of the links is in links.js, reached by an event, since plugins cannot be modules.

// Levels of headings that a body has.
const HEADINGS = { H1: "h2", H4: "h3", H5: "h3", H6: "h3" };
// Google Docs and web pages say by style what a body says by element.
const STYLES = [
  ["strong", (style) => style.fontWeight === "bold" || Number(style.fontWeight) >= 600],
  ["em", (style) => style.fontStyle === "italic"],
  ["s", (style) => style.textDecoration.includes("line-through")],
  ["sup", (style) => style.verticalAlign === "super"],
  ["sub", (style) => style.verticalAlign === "sub"],
];

// Pasted HTML, before CKEditor takes out what is not allowed: what can be said by allowed elements is said by them.
function settled(html) {
  // Handlers of other pages do not run here either, but the browser reports each as a breach of the content policy.
  const quiet = html.replace(/<\w[^<>]*>/g, (tag) => tag.replace(/\son\w+\s*=\s*("[^"]*"|'[^']*'|[^\s>]*)/gi, ""));
  const page = new DOMParser().parseFromString(quiet, "text/html"); // runs and loads nothing
  for (const noise of page.querySelectorAll("button, form, iframe, input, nav, noscript, object, script, select, style, svg, template, textarea")) {
    noise.remove();
  }
  for (const element of page.body.querySelectorAll("*")) {
    const isWrapper = element.matches("b, strong") && /^(normal|400)$/.test(element.style.fontWeight);
    if (isWrapper || element.matches("a[href^='#']")) {
      element.replaceWith(...element.childNodes);
    } else if (element.tagName in HEADINGS) {
      const heading = page.createElement(HEADINGS[element.tagName]);
      heading.append(...element.childNodes);
      element.replaceWith(heading);
    } else if (element.matches("span, font") && element.textContent.trim() && !element.closest("h1, h2, h3, h4, h5, h6")) {
      for (const [name] of STYLES.filter(([, says]) => says(element.style))) {
        const said = page.createElement(name);
        said.append(...element.childNodes);
        element.append(said);
      }
    }
  }
  return page.body.innerHTML;
}

CKEDITOR.plugins.add("newsroom", {
  requires: "link",

  // Before the other plugins name their buttons.
  beforeInit(editor) {
    for (const [path, text] of Object.entries(editor.config.newsroom.labels)) {
      const keys = path.split(".");
      const last = keys.pop();
      keys.reduce((words, key) => (words[key] ??= {}), editor.lang)[last] = text;
    }
  },

  init(editor) {
    // Before CKEditor takes the styles out; but what Word sends behind the plugin for it, which makes lists of its
    // paragraphs. Both before pictures are stored (photos_plugin.js).
    const isWord = (html) => /\bmso-|class="?Mso/i.test(html);
    const settle = (event) => (event.data.dataValue = settled(event.data.dataValue));
    editor.on("paste", (event) => isWord(event.data.dataValue) || settle(event), null, null, 1);
    editor.on("paste", settle, null, null, 800);
    this.addLinks(editor);
    this.addBox(editor);
    this.addCounts(editor);
  },

  // Button, Ctrl+K, double click and the menu of CKEditor's link plugin open a dialog of ours.
  addLinks(editor) {
    const choose = () => {
      const selection = editor.getSelection();
      const link = CKEDITOR.plugins.link.getSelectedLink(editor);
      const place = selection?.getRanges()[0] ?? null;
      const done = ({ href, text }) => {
        editor.focus();
        place?.select();
        editor.fire("saveSnapshot");
        if (link) {
          link.setAttributes({ href, "data-cke-saved-href": href });
          link.removeAttribute("data-article");
        } else if (!place || place.collapsed) {
          const added = editor.document.createElement("a", { attributes: { href, "data-cke-saved-href": href } });
          added.setText(text || href.replace(/^(mailto|tel):/, ""));
          editor.insertElement(added);
        } else {
          const style = new CKEDITOR.style({ element: "a", attributes: { href, "data-cke-saved-href": href } });
          style.type = CKEDITOR.STYLE_INLINE; // an <a> is taken for an object otherwise
          editor.applyStyle(style);
        }
        editor.fire("saveSnapshot");
      };
      const href = link?.data("cke-saved-href") ?? link?.getAttribute("href") ?? "";
      const text = (link?.getText() ?? selection?.getSelectedText() ?? "").trim();
      document.dispatchEvent(new CustomEvent("links:choose", { detail: { href, text, done } }));
    };
    editor.addCommand("link", { exec: choose, allowedContent: "a[!href,data-article]", requiredContent: "a[href]" });
    editor.on(
      "doubleclick",
      (event) => {
        if (event.data.dialog !== "link") return;
        event.data.dialog = null;
        choose();
      },
      null,
      null,
      100, // before CKEditor opens a dialog of its own
    );
  },

  addBox(editor) {
    const boxOf = (path) => path?.contains((element) => element.is("aside"));
    editor.addCommand("box", {
      contextSensitive: true,
      refresh(editor, path) {
        this.setState(boxOf(path) ? CKEDITOR.TRISTATE_ON : CKEDITOR.TRISTATE_OFF);
      },
      exec() {
        const path = editor.elementPath();
        const bookmarks = editor.getSelection().createBookmarks();
        const box = boxOf(path);
        if (box) box.remove(true);
        else this.wrap(editor);
        editor.getSelection().selectBookmarks(bookmarks);
        editor.focus();
      },
      // All that stands at the top level between the ends of the selection, but photos, which have a place of their own.
      wrap(editor) {
        const editable = editor.editable();
        const topOf = (node) => node.getParents(true).find((each) => each.getParent()?.equals(editable));
        const range = editor.getSelection().getRanges()[0];
        const first = topOf(range.startContainer);
        const last = topOf(range.endContainer);
        if (!first || !last) return;
        const box = editor.document.createElement("aside", { attributes: { class: "info-box" } });
        box.insertBefore(first);
        for (let node = first, next; node; node = next) {
          next = node.equals(last) ? null : node.getNext();
          const isPhoto = node.type === CKEDITOR.NODE_ELEMENT && node.hasClass("cke_widget_wrapper");
          if (!isPhoto) box.append(node);
        }
        if (!box.getFirst()) box.remove();
      },
    });
    editor.ui.addButton("Box", { label: editor.config.newsroom.box, title: editor.config.newsroom.boxHint, command: "box" });

    // Enter in an empty last paragraph leaves the box, as it leaves a list.
    editor.on("key", (event) => {
      const range = editor.getSelection()?.getRanges()[0];
      const block = range?.startPath().block;
      if (event.data.keyCode !== 13 || !range.collapsed || !block?.is("p") || !block.getParent().is("aside")) return;
      if (block.getText().replace(/\u200b/g, "").trim() || block.getNext() || !block.getPrevious()) return;
      event.cancel();
      block.insertAfter(block.getParent());
      range.moveToElementEditStart(block);
      range.select();
      editor.fire("saveSnapshot");
    });
  },

  addCounts(editor) {
    const id = CKEDITOR.tools.getNextId();
    editor.on("uiSpace", (event) => {
      if (event.data.space === "bottom") event.data.html += `<span class="body-editor__counts" id="${id}"></span>`;
    });
    const count = () => {
      const editable = editor.editable();
      const place = document.getElementById(id);
      if (!editable || !place) return; // the source is shown
      const words = editable.$.innerText.match(/[\p{L}\p{N}]\S*/gu)?.length ?? 0;
      const photos = editable.$.querySelectorAll("figure img[data-photo]").length;
      place.textContent = editor.config.newsroom.counts
        .replace("{words}", words.toLocaleString(document.documentElement.lang))
        .replace("{photos}", photos.toLocaleString(document.documentElement.lang));
    };
    const soon = CKEDITOR.tools.eventsBuffer(400, count);
    editor.on("instanceReady", count);
    editor.on("mode", count);
    editor.on("change", soon.input);
  },
});
