"use strict";

// Draws the charts of the page, saves them and their rows, and follows the reader in the contents.
(() => {
  // A figure's data are read when it is drawn or saved: all of them take longer than the first page.
  const figures = [...document.querySelectorAll(".figure")].map((element) => {
    let held;
    const read = () => (held ??= JSON.parse(element.querySelector("script").textContent));
    return {
      element,
      chart: element.querySelector(".chart"),
      get spec() { return read().spec; },
      get sheet() { return read().sheet; },
    };
  });

  // Return the specification for one width; of several panels, as many side by side as fit.
  function fitted(spec, width) {
    const layout = spec.usermeta ?? {};
    const { panels, axisPx, gapPx } = layout;
    const params = (spec.params ?? []).map(
      (param) => (param.name === "room" ? { ...param, value: width } : param));
    if (!panels) return { ...spec, params, width };
    const room = Math.floor((width - axisPx) / layout.panelPx);
    const fitting = Math.max(1, Math.min(panels, layout.columns, room));
    const columns = Math.ceil(panels / Math.ceil(panels / fitting));
    const panel = Math.floor((width - axisPx - gapPx * (columns - 1)) / columns);
    const wide = (inner) => ({ ...inner, width: panel });
    if (!spec.concat) return { ...spec, params, columns, spec: wide(spec.spec) };
    const concat = spec.concat.map((stack) => ({ ...stack, vconcat: stack.vconcat.map(wide) }));
    return { ...spec, params, columns, concat };
  }

  async function draw(figure) {
    const width = Math.floor(figure.chart.clientWidth);
    if (width <= 0 || width === figure.width) return;
    figure.width = width;
    figure.view?.finalize();
    const options = { actions: false, defaultStyle: false, renderer: "svg", tooltip: showTip };
    // Vega names and describes what it draws into; the words of the figure stand around that.
    const inside = document.createElement("div");
    inside.ariaHidden = "true";
    figure.chart.replaceChildren(inside);
    figure.drawing = vegaEmbed(inside, fitted(figure.spec, width), options);
    figure.view = (await figure.drawing).view;
    figure.chart.classList.add("drawn");
  }

  // A chart is drawn when the reader comes near it; what is left follows when there is time,
  // so that the whole page can be printed or searched.
  const nearby = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((entry) => entry.isIntersecting)) {
      nearby.unobserve(entry.target);
      draw(figures.find((figure) => figure.chart === entry.target));
    }
  }, { rootMargin: "400px" });
  figures.forEach((figure) => nearby.observe(figure.chart));

  const whenIdle = window.requestIdleCallback ?? ((task) => setTimeout(task, 200));
  async function drawRest() {
    const next = figures.find((figure) => !figure.width);
    if (!next) return;
    await draw(next);
    if (next.width) whenIdle(drawRest);
  }
  window.addEventListener("load", () => whenIdle(drawRest));
  window.addEventListener("beforeprint", () => figures.forEach(draw));
  // Vega shows a picture when it has loaded it, which is too late for a page that is printed now.
  matchMedia("print").addEventListener("change", () => {
    for (const image of document.querySelectorAll(".chart image")) {
      image.setAttribute("href", image.__data__.url);
    }
  });

  let waiting = 0;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => figures.filter((figure) => figure.width).forEach(draw), 150);
  });

  // Texts enter the tip as text, never as markup.
  const tip = document.getElementById("tip");
  function showTip(_, event, __, value) {
    tip.hidden = !value;
    if (!value) return;
    tip.replaceChildren(...Object.entries(value).map(([name, shown]) => {
      const row = document.createElement("div");
      const label = document.createElement("span");
      label.textContent = name;
      row.append(label, String(shown));
      return row;
    }));
    const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    const below = event.clientY + 14 + tip.offsetHeight < innerHeight;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${below ? event.clientY + 14 : event.clientY - tip.offsetHeight - 10}px`;
  }

  const spoken = document.getElementById("spoken");
  const say = (text) => { spoken.textContent = text; };

  // Keys do what the pointer does: left and right go from mark to mark, up and down pick a series.
  function pointAt(figure, step) {
    const marks = [...figure.chart.querySelectorAll("svg *")].filter((e) => e.__data__?.tooltip);
    if (!marks.length) return;
    const from = figure.mark ?? (step > 0 ? -1 : 0);
    figure.mark = (from + step + marks.length) % marks.length;
    const mark = marks[figure.mark];
    const { x, y, width, height } = mark.getBoundingClientRect();
    const value = mark.__data__.tooltip;
    showTip(null, { clientX: x + width / 2, clientY: y + height / 2 }, null, value);
    figure.chart.querySelector(".pointed")?.classList.remove("pointed");
    mark.classList.add("pointed");
    say(Object.entries(value).map(([name, shown]) => `${name}: ${shown}`).join(", "));
  }

  function pick(figure, step) {
    const labels = [...figure.chart.querySelectorAll(".role-legend-label text")];
    if (!labels.length) return;
    const count = labels.length + 1;  // after the last series come all of them
    figure.series = ((figure.series ?? labels.length) + step + count) % count;
    const all = figure.series === labels.length;
    const target = all ? figure.chart.querySelector("svg") : labels[figure.series];
    target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    say(all ? "all series" : target.textContent);
  }

  const KEYS = {
    ArrowRight: (figure) => pointAt(figure, 1),
    ArrowLeft: (figure) => pointAt(figure, -1),
    ArrowDown: (figure) => pick(figure, 1),
    ArrowUp: (figure) => pick(figure, -1),
    Escape: (figure) => leave(figure),
  };

  function leave(figure) {
    tip.hidden = true;
    figure.mark = undefined;
    figure.chart.querySelector(".pointed")?.classList.remove("pointed");
  }

  for (const figure of figures) {
    figure.chart.addEventListener("keydown", (event) => {
      if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      KEYS[event.key](figure);
    });
    figure.chart.addEventListener("focus", () => draw(figure));
    figure.chart.addEventListener("blur", () => leave(figure));
  }

  function save(text, type, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function asCsv({ heads, values }) {
    const field = (value) => {
      const text = value === null || value === undefined ? "" : String(value);
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    return [heads, ...values].map((line) => line.map(field).join(",") + "\r\n").join("");
  }

  async function saveFigure(figure, form) {
    const name = `${figure.element.id}.${form}`;
    if (form === "csv") {
      save(asCsv(figure.sheet), "text/csv", name);
    } else {
      await draw(figure);
      await figure.drawing;
      save(await figure.view.toSVG(), "image/svg+xml", name);
    }
  }

  async function copy(button) {
    const code = button.closest("[data-command]").querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent.trim());
      button.textContent = "Copied";
    } catch {
      // Without leave to write the clipboard, selecting is what is left.
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    say(button.textContent);
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.save) {
      const element = button.closest(".figure");
      saveFigure(figures.find((figure) => figure.element === element), button.dataset.save);
    } else if (button && "copy" in button.dataset) {
      copy(button);
    }
  });

  const contents = document.querySelector(".contents details");
  const narrow = matchMedia("(max-width: 68rem)");
  const fold = () => { contents.open = !narrow.matches; };
  narrow.addEventListener("change", fold);
  fold();
  contents.addEventListener("click", (event) => {
    if (narrow.matches && event.target.closest("a")) contents.open = false;
  });

  const links = new Map([...contents.querySelectorAll("a")].map((link) => [link.hash, link]));
  function follow(id) {
    const link = links.get(`#${id}`);
    if (!link) return;
    links.forEach((other) => other.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    const { top, bottom } = link.getBoundingClientRect();
    const frame = contents.getBoundingClientRect();
    if (top < frame.top || bottom > frame.bottom) {
      contents.scrollTop += top - frame.top - frame.height / 3;
    }
  }
  const reading = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((entry) => entry.isIntersecting)) follow(entry.target.id);
  }, { rootMargin: "-15% 0px -80% 0px" });
  document.querySelectorAll("main section[id], main h2[id]").forEach((e) => reading.observe(e));

  // What is wider than the page is scrolled, with the keyboard too; only that takes the focus.
  const scrollers = [...document.querySelectorAll(".scroll")];
  const reach = () => scrollers.forEach((scroller) => {
    const isWide = scroller.scrollWidth > scroller.clientWidth;
    if (isWide) scroller.tabIndex = 0; else scroller.removeAttribute("tabindex");
  });
  new ResizeObserver(reach).observe(document.body);

  const folded = [...document.querySelectorAll("main details, header details")];
  window.addEventListener("beforeprint", () => folded.forEach((one) => {
    one.dataset.was = one.open ? "open" : "";
    one.open = true;
  }));
  window.addEventListener("afterprint", () => folded.forEach((one) => {
    one.open = one.dataset.was === "open";
  }));
})();
