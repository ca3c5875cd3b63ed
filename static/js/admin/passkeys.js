// Hands the forms of a page to allauth's script, by their data-passkey; it finds parts by their ids.

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const action = form.dataset.passkey;
  const credential = form.querySelector("[name=credential]");
  window.allauth.webauthn.forms[`${action}Form`]({
    ids: { [action]: "passkey-button", credential: credential.id, passwordless: "id_passwordless", data: "passkey-options" },
  });
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelector("[data-passkey-error]").hidden = false;
});
