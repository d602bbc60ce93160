/*
Copyright (c) 2026 the cloudkeys.aws authors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/
// Sorts and filters the keys. The page is complete without it. It only moves and hides rows, and writes text.
(() => {
  "use strict";
  const STATUS = 1;
  const tables = [...document.querySelectorAll("table.keys")];
  const form = document.getElementById("filter");
  if (!form) return;
  const { text, status } = form.elements;
  const count = document.getElementById("count");
  const rows = tables.flatMap((table) => [...table.tBodies[0].rows]);
  // The rows come in the order of urgency.
  const urgency = new Map(rows.map((row, place) => [row, place]));
  const texts = new Map(
    tables.flatMap((table) => {
      const group = table.closest("details").querySelector("h3").textContent;
      return [...table.tBodies[0].rows].map((row) => [row, `${group} ${row.textContent}`.toLowerCase()]);
    })
  );

  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      row.hidden =
        (status.value !== "" && !row.classList.contains(status.value)) ||
        !words.every((word) => texts.get(row).includes(word));
      shown += row.hidden ? 0 : 1;
    }
    for (const table of tables) {
      table.closest("details").hidden = [...table.tBodies[0].rows].every((row) => row.hidden);
    }
    count.textContent = `${shown} of ${rows.length} keys are shown.`;
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", filter);
  form.hidden = false;
  filter();

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#key-']");
    if (!link) return;
    text.value = "";
    status.value = link.dataset.status || "";
    filter();
    const group = document.getElementById(link.hash.slice(1)).closest("details");
    group.open = true;
  });

  const collator = new Intl.Collator("en", { numeric: true });
  const sort = (column, direction) => {
    for (const table of tables) {
      const heads = [...table.tHead.rows[0].cells];
      heads.forEach((head, place) => {
        if (place === column) head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        else head.removeAttribute("aria-sort");
      });
      const keyed = [...table.tBodies[0].rows].map((row) => [row, row.cells[column].textContent.trim()]);
      keyed.sort(([one, first], [other, second]) => {
        const place = urgency.get(one) - urgency.get(other);
        if (column === STATUS) return direction * place;
        // Rows without a value are last in both directions.
        if (!first || !second) return (first ? 0 : 1) - (second ? 0 : 1) || place;
        return direction * collator.compare(first, second) || place;
      });
      table.tBodies[0].append(...keyed.map(([row]) => row));
    }
  };
  for (const table of tables) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      // Browsers print no button in a repeated header. The text is for the print.
      const print = document.createElement("span");
      print.className = "print";
      print.append(...head.childNodes);
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = print.textContent;
      button.addEventListener("click", () => sort(column, head.getAttribute("aria-sort") === "ascending" ? -1 : 1));
      head.append(button, print);
    });
  }

  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const group of closed) group.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const group of closed) group.open = false;
  });
})();
