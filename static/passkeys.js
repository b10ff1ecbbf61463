/* Passkeys. allauth's own scripts (mfa/js) talk with the browser; this one shows what needs them only where they
   work, and says it on the page when they did not. */
(function () {
  "use strict";
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential) {
    return;
  }
  const button = "passkey-button";
  const place = document.getElementById("passkey");
  const refusal = document.getElementById("passkey-error");

  place.hidden = false;
  const without = document.getElementById("without-passkey");
  if (without) {
    without.hidden = true;
  }
  window.allauth.webauthn.forms[form.dataset.passkey]({
    ids: {
      add: button,
      authenticate: button,
      login: button,
      credential: "id_credential",
      passwordless: "id_passwordless",
      data: "passkey-options",
    },
  });
  // Enter in a field does what the button does.
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    document.getElementById(button).click();
  });
  document.getElementById(button).addEventListener("click", function () {
    refusal.hidden = true;
  });
  document.addEventListener("allauth.error", function (event) {
    event.preventDefault();
    refusal.hidden = false;
  });
})();
