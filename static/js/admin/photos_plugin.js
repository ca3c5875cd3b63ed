// A CKEditor plugin: the button Photos, photos dropped or pasted into the text, the alternative text on double click.
// The dialog itself and the sending are in photos.js, reached by events, since plugins cannot be modules.

CKEDITOR.plugins.add("photos", {
  requires: "image2",

  // Before image2 makes its widget: a photo's address and size are the library's affair, its caption stands in the text.
  beforeInit(editor) {
    editor.on("widgetDefinition", (event) => {
      if (event.data.name === "image") event.data.dialog = "photoAlt";
    });
    // A photo without a caption gets a place to write one; left empty, it goes when the story is saved.
    editor.on(
      "toHtml",
      (event) => {
        event.data.dataValue.forEach((element) => {
          if (element.name !== "figure" || !element.hasClass("image") || element.getFirst("figcaption")) return;
          element.add(new CKEDITOR.htmlParser.element("figcaption"));
        }, CKEDITOR.NODE_ELEMENT);
      },
      null,
      null,
      7, // the text is parsed at 5, photos become widgets at 8
    );
  },

  init(editor) {
    // The dialog takes the focus, and with it the place where the writer stood.
    let place = null;
    const remember = () => (place = editor.getSelection()?.getRanges()[0] ?? null);
    const photos = () => Object.values(editor.widgets.instances).map((widget) => widget.wrapper);
    const insert = (choices) => {
      editor.focus();
      place?.select();
      const before = new Set(photos().map((photo) => photo.$));
      editor.insertHtml(choices.map((choice) => choice.html).join(""));
      const added = photos().filter((photo) => !before.has(photo.$));
      added.sort((one, other) => (one.getPosition(other) & CKEDITOR.POSITION_FOLLOWING ? 1 : -1));
      if (added.length) writeOnBehind(added.at(-1));
      remember();
    };
    // Puts the cursor into the paragraph behind a photo, a new one where something else stands there.
    const writeOnBehind = (photo) => {
      let next = photo.getNext((node) => node.type === CKEDITOR.NODE_ELEMENT);
      if (!next?.is("p")) {
        next = new CKEDITOR.dom.element("p", editor.document);
        next.appendBogus();
        next.insertAfter(photo);
      }
      const range = editor.createRange();
      range.moveToElementEditStart(next);
      range.select();
    };
    const ask = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

    editor.addCommand("photos", {
      exec() {
        remember();
        ask("photos:choose", { many: true, done: insert });
      },
    });
    editor.ui.addButton("Photos", { label: editor.config.photosLabel, title: editor.config.photosHint, command: "photos" });

    // Photos stand side by side where neighbours have the class; one that stays alone loses it when the story is saved.
    const photoBeside = (photo, step) => {
      let next = photo.wrapper[step]();
      while (next && (next.type !== CKEDITOR.NODE_ELEMENT || (next.is("p") && !next.getText().trim()))) next = next[step]();
      return next && editor.widgets.getByElement(next, true);
    };
    const chosenPhotos = () => {
      const { focused, selected } = editor.widgets;
      return (focused ? [focused] : selected).filter((widget) => widget.name === "image");
    };
    editor.addCommand("sideBySide", {
      contextSensitive: true,
      startDisabled: true,
      refresh() {
        const chosen = chosenPhotos();
        if (!chosen.length) this.disable();
        else this.setState(chosen.every((photo) => photo.hasClass("side")) ? CKEDITOR.TRISTATE_ON : CKEDITOR.TRISTATE_OFF);
      },
      exec() {
        const chosen = chosenPhotos();
        const isOn = chosen.every((photo) => photo.hasClass("side"));
        if (!isOn && chosen.length === 1) {
          const neighbours = ["getNext", "getPrevious"].map((step) => photoBeside(chosen[0], step)).filter((each) => each?.name === "image");
          if (neighbours.length && !neighbours.some((each) => each.hasClass("side"))) chosen.push(neighbours[0]);
        }
        editor.fire("saveSnapshot");
        for (const photo of chosen) photo[isOn ? "removeClass" : "addClass"]("side");
        for (const photo of chosen) {
          const next = photo.wrapper.getNext();
          if (!isOn && next?.type === CKEDITOR.NODE_ELEMENT && next.is("p") && !next.getText().trim() && photoBeside(photo, "getNext")?.hasClass("side")) next.remove();
        }
        editor.fire("saveSnapshot");
        this.refresh(editor, editor.elementPath());
      },
    });
    editor.ui.addButton("SideBySide", { label: editor.config.photosSide, title: editor.config.photosSideHint, command: "sideBySide" });

    // Files dropped or pasted are sent one by one; each that arrives is put in.
    editor.on("paste", (event) => {
      const transfer = event.data.dataTransfer;
      const files = [];
      for (let i = 0; i < transfer.getFilesCount(); i += 1) {
        const file = transfer.getFile(i);
        if (file && file.type.startsWith("image/")) files.push(file);
      }
      if (files.length && !transfer.getData("text/html")) {
        event.cancel();
        remember();
        ask("photos:send", { files, done: insert });
      }
    });

    // Word and Google Docs bring pictures inside the text: they are stored first and then stand as captioned photos.
    editor.on(
      "paste",
      (event) => {
        if (!/<img[^>]+src="(data|blob):/i.test(event.data.dataValue)) return;
        event.cancel();
        ask("photos:replace", { html: event.data.dataValue, done: (html) => editor.insertHtml(html) });
      },
      null,
      null,
      900,
    );

    CKEDITOR.dialog.add("photoAlt", () => ({
      title: editor.config.photoAltTitle,
      minWidth: 380,
      minHeight: 90,
      contents: [
        {
          id: "alt",
          elements: [
            {
              id: "alt",
              type: "textarea",
              rows: 3,
              label: editor.config.photoAltLabel,
              setup(widget) {
                this.setValue(widget.data.alt);
              },
              commit(widget) {
                widget.setData("alt", this.getValue().trim());
              },
            },
          ],
        },
      ],
    }));
  },
});
