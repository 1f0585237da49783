"use strict";

// Draws the charts of the page, saves them and their rows, and follows the reader in the contents.
(() => {
  const figures = [...document.querySelectorAll(".figure")].map((element) => ({
    element,
    chart: element.querySelector(".chart"),
    ...JSON.parse(element.querySelector("script").textContent),
  }));

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
    return { ...spec, params, columns, spec: { ...spec.spec, width: panel } };
  }

  async function draw(figure) {
    const width = Math.floor(figure.chart.clientWidth);
    if (width <= 0 || width === figure.width) return;
    figure.width = width;
    figure.view?.finalize();
    const options = { actions: false, defaultStyle: false, renderer: "svg", tooltip: showTip };
    const result = await vegaEmbed(figure.chart, fitted(figure.spec, width), options);
    figure.view = result.view;
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
      save(await figure.view.toSVG(), "image/svg+xml", name);
    }
  }

  async function copy(button) {
    const code = button.closest(".command").querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      // Without leave to write the clipboard, selecting is what is left.
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
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
  const reading = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((entry) => entry.isIntersecting)) {
      links.forEach((link) => link.removeAttribute("aria-current"));
      links.get(`#${entry.target.id}`)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-15% 0px -80% 0px" });
  document.querySelectorAll("main > section").forEach((section) => reading.observe(section));
})();
