// Escape puts away the short text that hovering or focus shows, until pointer or focus comes anew (WCAG 1.4.13).
(() => {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const tip of document.querySelectorAll(".tip:hover, .tip:focus-within")) tip.classList.add("is-put-away");
  });
  const comesAnew = (event) => {
    if (event.target instanceof Element) event.target.closest(".tip")?.classList.remove("is-put-away");
  };
  document.addEventListener("focusin", comesAnew);
  // Of a tip itself: moving about within it is not coming anew.
  document.addEventListener("mouseenter", (event) => {
    if (event.target instanceof Element && event.target.matches(".tip")) comesAnew(event);
  }, true);
})();
