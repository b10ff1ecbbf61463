// The buttons of a form rest for a moment after it was sent, so that a double click sends it once.
// Not for good: the answer may be a file, or open in another tab, and then this page stays.
(() => {
  "use strict";

  const REST = 3000; // milliseconds

  document.addEventListener("submit", (event) => {
    const form = event.target;
    // After the other listeners: one of them may stop the form. And after the button's own name went along.
    setTimeout(() => {
      if (event.defaultPrevented || form.method !== "post") return;
      const resting = [...form.elements].filter((element) => element.type === "submit" && !element.disabled);
      for (const button of resting) button.disabled = true;
      setTimeout(() => {
        for (const button of resting) button.disabled = false;
      }, REST);
    });
  });
})();
