// What Django admin's own scripts leave out for screen readers: without this file everything still works.
(() => {
  "use strict";

  // A field to choose from by typing is named by its label, not only by what was chosen.
  const nameChoices = (root) => {
    root.querySelectorAll("select.admin-autocomplete").forEach((select) => {
      const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
      const box = select.nextElementSibling;
      if (!label || !box || !box.classList.contains("select2")) {
        return;
      }
      label.id ||= `${select.id}_label`;
      const combobox = box.querySelector(".select2-selection");
      const chosen = combobox.getAttribute("aria-labelledby") || "";
      combobox.setAttribute("aria-labelledby", `${label.id} ${chosen}`.trim());
      box.querySelectorAll(".select2-search__field, [role=textbox]").forEach((field) => {
        field.setAttribute("aria-label", label.textContent.trim());
      });
    });
  };

  // The label of the search box is a picture, which some do not take for a name.
  const nameSearch = () => {
    const box = document.getElementById("searchbar");
    const picture = document.querySelector('label[for="searchbar"] img');
    if (box && picture) {
      box.setAttribute("aria-label", picture.alt);
    }
  };

  // The heading above the names of rows is empty: no heading then.
  const dropEmptyHeadings = () => {
    document.querySelectorAll("thead th:empty").forEach((heading) => {
      const cell = document.createElement("td");
      cell.className = heading.className;
      heading.replaceWith(cell);
    });
  };

  // On a phone each row of a list is a card: its lines are named after the columns, and empty ones left out.
  const nameCells = () => {
    const headings = [...document.querySelectorAll("#result_list thead tr > *")];
    document.querySelectorAll("#result_list tbody tr").forEach((row) => {
      [...row.children].forEach((cell, place) => {
        const label = headings[place] && headings[place].querySelector(".text");
        if (label && !cell.classList.contains("action-checkbox")) {
          cell.dataset.label = label.textContent.trim();
        }
        cell.classList.toggle("is-empty", !cell.querySelector("img, input") && ["", "-", "–"].includes(cell.textContent.trim()));
      });
    });
  };

  nameCells();

  // Django's own come first: jQuery runs what waits for the page in the order in which it was asked.
  window.addEventListener("load", () => {
    const later = window.django && window.django.jQuery ? window.django.jQuery : (run) => run();
    later(() => {
      nameChoices(document);
      nameSearch();
      dropEmptyHeadings();
    });
  });
  document.addEventListener("formset:added", (event) => nameChoices(event.target));
})();
