// A matrix as colours, with one cursor for pointer and arrow keys.
//
//   const map = heat(container, { rows, columns, values, kind, rowLabel, columnLabel, describe })
//
//   rows, columns    sizes; values row after row
//   values           Uint8Array: 0 … 255 from the lowest to the highest colour; or numbers, 0 … 1
//                    for kind "share" and −1 … 1 for "signed"
//   rowLabel, columnLabel   what a row and a column is: "unit", "step"
//   describe(row, column)   the words for one cell, shown below the map and read aloud
//   height           of the map in CSS px; without it, rows are 2 to 14 px high, at most 280 in all
//   label            what the map shows, for those who do not see it
//   marked           a row with a frame around it; null for none
//   onpoint(row, column)    told when the reader moves the cursor; (null, null) when it leaves
//
//   map.show({ … })          other values (or any of the options)
//   map.point(row, column)   puts the cursor there; a row of null marks the whole column; both null
//                            take it away. Calls no onpoint: several maps can follow each other.
//   map.mark(row)            frames that row; null takes the frame away
//   map.remove()             takes it off the page, and no longer follows the scheme
import { onScheme, ramp } from "./colour.js";
import { el } from "./dom.js";

export function heat(container, options) {
  const map = new Heat(container, options);
  return {
    show: (changed) => map.show(changed), point: (row, column) => map.point(row, column),
    mark: (row) => map.mark(row), remove: () => map.remove(), element: map.box,
  };
}

class Heat {
  constructor(container, options) {
    this.options = options;
    this.cursor = [null, null];
    this.canvas = el("canvas", { tabindex: "0", role: "img" });
    this.said = el("p", { class: "heat-said" });
    this.axes = el("span", {});
    this.box = el("div", { class: "heat" }, this.canvas, el("div", { class: "heat-axes" }, this.axes, this.said));
    container.replaceChildren(this.box);
    this.listen();
    this.removed = new AbortController();
    onScheme(() => this.show({}), this.removed.signal);
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    this.show({});
  }

  show(changed) {
    Object.assign(this.options, changed);
    const { rows, columns, rowLabel, columnLabel, label } = this.options;
    const axes = `${rows} ${plural(rowLabel, rows)} down, ${columns} ${plural(columnLabel, columns)} across`;
    this.axes.textContent = axes;
    this.canvas.ariaLabel = `${label ?? "heat map"}: ${axes}; arrow keys read it cell by cell`;
    this.colours = ramp(this.options.kind);
    this.image = rows && columns ? this.painted() : null;
    const [row, column] = this.cursor;
    if ((row ?? 0) >= rows || (column ?? 0) >= columns) this.cursor = [null, null];
    this.describe();
    this.canvas.style.height = `${this.options.height ?? Math.min(280, rows * Math.max(2, Math.min(14, 280 / rows)))}px`;
    this.draw();
  }

  mark(row) {
    this.options.marked = row;
    this.draw();
  }

  remove() {
    this.removed.abort();
    this.box.remove();
  }

  /** Return a canvas of one pixel a cell. */
  painted() {
    const { rows, columns, values, kind } = this.options;
    const isByte = values instanceof Uint8Array;
    const image = new ImageData(columns, rows);
    for (let i = 0; i < rows * columns; i += 1) {
      const part = kind === "signed" ? (values[i] + 1) / 2 : values[i];
      const index = isByte ? values[i] : Math.round(255 * Math.min(1, Math.max(0, part)));
      image.data.set(this.colours[index] ?? this.colours[0], 4 * i);
      image.data[4 * i + 3] = 255;
    }
    const cells = el("canvas", { width: columns, height: rows });
    cells.getContext("2d").putImageData(image, 0, 0);
    return cells;
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height || !this.image) return;
    const density = devicePixelRatio || 1;
    this.canvas.width = Math.round(width * density);
    this.canvas.height = Math.round(height * density);
    const pen = this.canvas.getContext("2d");
    // Enlarged cells have sharp edges; of cells smaller than a pixel the mean is shown.
    pen.imageSmoothingEnabled = this.image.width > this.canvas.width || this.image.height > this.canvas.height;
    pen.drawImage(this.image, 0, 0, this.canvas.width, this.canvas.height);
    this.drawCursor(pen, density);
  }

  drawCursor(pen, density) {
    const [row, column] = this.cursor;
    const { rows, columns, marked } = this.options;
    const wide = this.canvas.width / columns;
    const high = this.canvas.height / rows;
    const style = getComputedStyle(document.documentElement);
    const outline = (x, y, w, h, line = "--ink") => {
      for (const [colour, thick] of [["--paper", 3.4], [line, 1.4]]) {
        pen.strokeStyle = style.getPropertyValue(colour);
        pen.lineWidth = thick * density;
        pen.strokeRect(x, y, Math.max(w, density), Math.max(h, density));
      }
    };
    // Around the row, not upon it: its colours are to be seen.
    if (marked < rows && marked !== null && marked !== undefined) outline(density, marked * high - density, this.canvas.width - 2 * density, high + 2 * density, "--accent");
    if (column === null) return;
    outline(column * wide, 0, wide, this.canvas.height);
    if (row !== null) outline(column * wide, row * high, wide, high);
  }

  point(row, column, isReader = false) {
    this.cursor = [row, column];
    // Of maps that follow each other, the one that the reader is in is read aloud.
    this.said.ariaLive = isReader ? "polite" : "off";
    this.describe();
    this.draw();
  }

  describe() {
    const [row, column] = this.cursor;
    this.said.textContent = row === null || column === null ? "" : this.options.describe(row, column);
  }

  move(row, column) {
    this.point(row, column, true);
    this.options.onpoint?.(row, column);
  }

  listen() {
    const at = (event) => {
      const { rows, columns } = this.options;
      const { left, top, width, height } = this.canvas.getBoundingClientRect();
      const cell = (offset, size, count) => Math.max(0, Math.min(count - 1, Math.floor((offset / size) * count)));
      this.move(cell(event.clientY - top, height, rows), cell(event.clientX - left, width, columns));
    };
    this.canvas.addEventListener("pointermove", at);
    this.canvas.addEventListener("pointerdown", at);
    this.canvas.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.move(null, null));
    this.canvas.addEventListener("blur", () => this.move(null, null));
    this.canvas.addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    const { rows, columns } = this.options;
    const steps = {
      ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
      PageUp: [-10, 0], PageDown: [10, 0], Home: [0, -columns], End: [0, columns],
    };
    if (event.key === "Escape") this.move(null, null);
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey || !rows || !columns) return;
    event.preventDefault();
    const [row, column] = this.cursor;
    const isNew = column === null;
    const next = (from, by, count) => (isNew ? (by < 0 ? count - 1 : 0) : Math.max(0, Math.min(count - 1, from + by)));
    this.move(next(row ?? 0, step[0], rows), next(column, step[1], columns));
  }
}

const plural = (word, count) => (count === 1 ? word : `${word}s`);
