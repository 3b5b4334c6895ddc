"use strict";
(() => {
  const all = (within, selector) => Array.from(within.querySelectorAll(selector));

  // ---- copy buttons: the clipboard, or where a browser keeps it from pages on disk, the selection

  const select = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };

  const copied = async (element) => {
    try {
      await navigator.clipboard.writeText(element.textContent);
      return true;
    } catch {
      select(element);
      return document.execCommand("copy");
    }
  };

  for (const button of all(document, "button.copy")) {
    button.addEventListener("click", async () => {
      const done = await copied(document.getElementById(button.dataset.copy));
      button.textContent = done ? "Copied" : "Press Ctrl+C";
      button.classList.toggle("done", done);
      window.setTimeout(() => {
        button.textContent = "Copy";
        button.classList.remove("done");
      }, 1600);
    });
  }

  // ---- the step slider

  const KEYS = {
    ArrowLeft: (now) => now - 1,
    ArrowUp: (now) => now - 1,
    ArrowRight: (now) => now + 1,
    ArrowDown: (now) => now + 1,
    Home: () => 1,
    End: (now, last) => last,
  };

  const reveal = (box, row) => {
    const heading = box.querySelector(".lane-names");
    const above = heading ? heading.offsetHeight : 0;
    const top = row.offsetTop - above; // the box is what offsets are counted from
    const bottom = row.offsetTop + row.offsetHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
  };

  const stepper = (root) => {
    const slider = root.querySelector("input[type=range]");
    const [previous, next] = [root.querySelector(".previous"), root.querySelector(".next")];
    const output = root.querySelector("output");
    const box = root.querySelector(".timeline");
    const rows = all(root, "li.step");
    const facts = all(root, ".after");
    const marks = all(root, ".strip i");
    const last = rows.length;

    const show = () => {
      const now = Number(slider.value);
      rows.forEach((row, index) => {
        row.classList.toggle("later", index + 1 > now);
        row.classList.toggle("current", index + 1 === now);
        if (index + 1 === now) row.setAttribute("aria-current", "step");
        else row.removeAttribute("aria-current");
      });
      marks.forEach((mark, index) => mark.classList.toggle("current", index + 1 === now));
      facts.forEach((table, index) => { table.hidden = index + 1 !== now; });
      output.textContent = `Step ${now} of ${last}, t = ${rows[now - 1].dataset.time}`;
      slider.setAttribute("aria-valuetext", output.textContent);
      previous.disabled = now === 1;
      next.disabled = now === last;
      reveal(box, rows[now - 1]);
    };

    const go = (step) => {
      slider.value = String(Math.min(last, Math.max(1, step)));
      show();
    };

    slider.addEventListener("input", show);
    previous.addEventListener("click", () => go(Number(slider.value) - 1));
    next.addEventListener("click", () => go(Number(slider.value) + 1));
    rows.forEach((row, index) => row.querySelector(".ordinal").addEventListener("click", () => go(index + 1)));
    root.addEventListener("keydown", (event) => {
      const move = KEYS[event.key];
      if (!move || event.target === slider || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      go(move(Number(slider.value), last));
    });
    show();
  };

  // ---- sorting a table by its headers: numbers from the largest down, words from A

  const compare = (one, other) => {
    const [a, b] = [Number(one), Number(other)];
    return one !== "" && other !== "" && !Number.isNaN(a) && !Number.isNaN(b) ? a - b : one.localeCompare(other);
  };

  const valueOf = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent;

  const sort = (table, head) => {
    const column = head.cellIndex;
    const first = head.classList.contains("number") ? "descending" : "ascending";
    const second = first === "ascending" ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? second : first;
    const sign = order === "ascending" ? 1 : -1;
    const rows = Array.from(table.tBodies[0].rows);
    rows.sort((one, other) => sign * compare(valueOf(one, column), valueOf(other, column)));
    table.tBodies[0].append(...rows);
    for (const each of table.tHead.rows[0].cells) each.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", order);
  };

  document.documentElement.classList.add("scripted");
  all(document, ".stepper").forEach(stepper);
  for (const table of all(document, "table.sortable")) {
    for (const head of all(table, "th[aria-sort]")) {
      head.querySelector("button").addEventListener("click", () => sort(table, head));
    }
  }
})();
