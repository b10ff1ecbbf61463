// A form that was sent has no second click: its buttons rest until the page is shown anew, by going back, say.
(() => {
  "use strict";

  const buttons = (form) => [...form.elements].filter((element) => element.type === "submit");

  document.addEventListener("submit", (event) => {
    // After the other listeners: one of them may stop the form. And after the button's own name went along.
    setTimeout(() => {
      if (event.defaultPrevented || event.target.method !== "post") return;
      for (const button of buttons(event.target)) button.disabled = true;
    });
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.forms) for (const button of buttons(form)) button.disabled = false;
  });
})();
