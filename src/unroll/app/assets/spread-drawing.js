// The graph as a drawing: what pointer and keys do to it is told to `heard`, what it shows comes
// by `show(view)`. Nodes keep their elements, so that the focus stays where it is.
//
//   heard: { empty(x, y), node(node), edge(edge, isShifted), moving(), moved(), remove(node), cancel(),
//            numbered({ isCrowded, missing }) }
//   view:  { graph, source, chosen, pending, isDrawing, look(node), weights(edge), isCarrying(edge),
//            isFront(edge) }
//   look:  { fill, value, isNew, hasHeard, label }
import { byId, isStill, svg } from "./dom.js";
import { boxOf, placeLabels } from "./spread-labels.js";

const RADIUS = { wide: 19, narrow: 15 };
const MARGIN = { wide: 40, narrow: 26 };
const NARROW = 480; // px
const SLACK = 5; // a pointer that has moved no further has clicked
const CROWDED = 14; // edges, beyond which only the chosen node's have numbers
const TRAVEL_MS = 650;

export class Drawing {
  constructor(heard) {
    this.heard = heard;
    this.root = byId("graph");
    this.lines = svg("g", {});
    this.dots = svg("g", { "aria-hidden": "true" });
    this.numbers = svg("g", { class: "numbers", "aria-hidden": "true" });
    this.circles = svg("g", {});
    this.root.append(this.lines, this.dots, this.numbers, this.circles);
    this.elements = new Map();
    this.view = null;
    this.root.addEventListener("pointerdown", (event) => this.press(event));
    this.root.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.view && this.show(this.view)).observe(this.root);
  }

  show(view) {
    this.view = view;
    const { clientWidth: width, clientHeight: height } = this.root;
    this.root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const form = width < NARROW ? "narrow" : "wide";
    this.radius = RADIUS[form];
    this.margin = MARGIN[form];
    this.size = { width: width - 2 * this.margin, height: height - 2 * this.margin - 8 };
    this.root.classList.toggle("drawing", view.isDrawing);
    const { nodes, edges } = view.graph;
    this.root.ariaLabel = `The graph: ${nodes.length} nodes, ${edges.length} edges`;
    this.reaches = new Map();
    this.lines.replaceChildren(...edges.map((edge) => this.line(edge)));
    const isCrowded = edges.length > CROWDED;
    const told = edges.filter(({ from, to }) => !isCrowded || [from, to].includes(view.chosen));
    this.showNodes(nodes);
    const { placed, missing } = placeLabels(told.flatMap((edge) => this.weightsOf(edge)), nodes.flatMap((node) => this.roomOf(node)));
    this.numbers.replaceChildren(...placed.map(({ text, x, y }) => svg("text", { x, y: y + 4 }, text)));
    this.heard.numbered({ isCrowded, missing });
  }

  /** Let the messages of one layer go along their edges: [{ from, to, message, isFront }]. */
  travel(messages) {
    this.dots.replaceChildren();
    if (isStill()) return;
    for (const { from, to, message, isFront } of messages) {
      const dot = svg("circle", { r: 2.5 + 7 * Math.sqrt(message), class: isFront ? "front" : null });
      const at = (node) => ({ transform: `translate(${this.at(node).join("px, ")}px)` });
      this.dots.append(dot);
      const going = dot.animate([at(from), at(to)], { duration: TRAVEL_MS, easing: "ease-in-out" });
      going.addEventListener("finish", () => dot.remove());
    }
  }

  at({ x, y }) {
    return [this.margin + x * this.size.width, this.margin + y * this.size.height];
  }

  /** Return both ends of an edge, beside the line of the edge that goes the other way. */
  ends({ from, to }) {
    const [x, y] = this.at(from);
    const [x2, y2] = this.at(to);
    const length = Math.hypot(x2 - x, y2 - y) || 1;
    const unit = [(x2 - x) / length, (y2 - y) / length];
    const { graph } = this.view;
    const aside = graph.isDirected && graph.between(to, from) ? 6 : 0;
    const by = [-unit[1] * aside, unit[0] * aside];
    return { x: x + by[0], y: y + by[1], x2: x2 + by[0], y2: y2 + by[1], unit };
  }

  line(edge) {
    const { x, y, x2, y2, unit } = this.ends(edge);
    const { view } = this;
    const weights = view.weights(edge);
    const loudest = Math.max(0, ...weights.map(({ weight }) => weight));
    const kind = view.isFront(edge) ? "front" : view.isCarrying(edge) ? "carrying" : null;
    const drawn = svg("line", { x1: x, y1: y, x2, y2, class: "edge" });
    drawn.style.setProperty("stroke-width", `${1.2 + 5 * loudest}px`);
    const reach = svg("line", { x1: x, y1: y, x2, y2, class: "reach" });
    this.reaches.set(reach, edge);
    const parts = [drawn, reach];
    if (view.graph.isDirected) {
      const tip = [x2 - unit[0] * this.radius, y2 - unit[1] * this.radius];
      const foot = (side) => [tip[0] - 11 * unit[0] - side * 5.5 * unit[1], tip[1] - 11 * unit[1] + side * 5.5 * unit[0]];
      parts.push(svg("polygon", { points: [tip, foot(1), foot(-1)].join(" "), class: "head" }));
    }
    return svg("g", { class: kind, data: { edge: view.graph.edgeName(edge) } }, ...parts);
  }

  /** Return the numbers of an edge: one, or one at each receiving end where they differ. */
  weightsOf(edge) {
    const line = this.ends(edge);
    return this.view.weights(edge).map(({ text, end }) => ({ text, line, part: { middle: 0.5, from: 0.3, to: 0.7 }[end] }));
  }

  /** Return what a node and the words below it cover. */
  roomOf(node) {
    const [x, y] = this.at(node);
    const wide = 2 * this.radius + 14; // a number wedged between two nodes is read as theirs
    const { value } = this.view.look(node);
    return [{ x, y, wide, high: 2 * this.radius + 2 }, ...(value ? [{ x, y: y + this.radius + 12, ...boxOf(value) }] : [])];
  }

  showNodes(nodes) {
    for (const [node, element] of this.elements) {
      if (nodes.includes(node)) continue;
      element.remove();
      this.elements.delete(node);
    }
    const entry = nodes.includes(this.view.chosen) ? this.view.chosen : nodes[0];
    for (const node of nodes) {
      if (!this.elements.has(node)) this.elements.set(node, this.made(node));
      this.update(node, this.elements.get(node), node === entry);
    }
  }

  made(node) {
    const parts = [
      svg("circle", { class: "ring" }),
      svg("circle", { class: "disc" }),
      svg("text", { y: 5.5, class: "name" }, node.name),
      svg("text", { class: "value" }),
    ];
    const element = svg("g", { class: "node", role: "button", data: { node: node.name } }, ...parts);
    this.circles.append(element);
    return element;
  }

  update(node, element, isEntry) {
    const { source, chosen, pending, look } = this.view;
    const { fill, value, isNew, hasHeard, label } = look(node);
    element.setAttribute("transform", `translate(${this.at(node).join(" ")})`);
    element.setAttribute("tabindex", isEntry ? "0" : "-1");
    element.ariaLabel = label;
    element.ariaPressed = String(node === chosen);
    const states = { source: node === source, chosen: node === chosen, pending: node === pending, new: isNew, heard: hasHeard };
    for (const [name, is] of Object.entries(states)) element.classList.toggle(name, is);
    const [ring, disc, , below] = element.children;
    ring.setAttribute("r", this.radius + 5);
    disc.setAttribute("r", this.radius);
    disc.style.setProperty("fill", fill);
    below.setAttribute("y", this.radius + 16);
    below.textContent = value;
  }

  nodeOf(target) {
    const element = target.closest?.(".node");
    return [...this.elements].find(([, one]) => one === element)?.[0];
  }

  press(event) {
    if (event.button !== 0) return;
    const node = this.nodeOf(event.target);
    const edge = this.reaches.get(event.target);
    const from = [event.clientX, event.clientY];
    const released = new AbortController();
    let hasMoved = false;
    const { pointerId } = event;
    const listen = (name, task) =>
      this.root.addEventListener(name, (next) => next.pointerId === pointerId && task(next), { signal: released.signal });
    listen("pointermove", ({ clientX, clientY }) => {
      const isFar = Math.hypot(clientX - from[0], clientY - from[1]) > SLACK;
      if (isFar && !hasMoved && node) this.heard.moving();
      hasMoved ||= isFar;
      if (hasMoved && node) this.place(node, clientX, clientY);
    });
    listen("pointercancel", () => released.abort());
    listen("pointerup", ({ shiftKey }) => {
      released.abort();
      if (hasMoved) return node && this.heard.moved();
      if (node) return this.heard.node(node);
      return edge ? this.heard.edge(edge, shiftKey) : this.heard.empty(...this.unplaced(...from));
    });
    this.root.setPointerCapture(pointerId);
  }

  unplaced(clientX, clientY) {
    const { left, top } = this.root.getBoundingClientRect();
    const within = (value) => Math.min(1, Math.max(0, value));
    return [within((clientX - left - this.margin) / this.size.width), within((clientY - top - this.margin) / this.size.height)];
  }

  place(node, clientX, clientY) {
    [node.x, node.y] = this.unplaced(clientX, clientY);
    this.show(this.view);
  }

  key(event) {
    const node = this.nodeOf(event.target);
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key === "Escape") this.heard.cancel();
    if (!node || event.ctrlKey || event.altKey || event.metaKey) return;
    const way = ways[event.key];
    if (event.key === "Enter" || event.key === " ") this.heard.node(node);
    else if (event.key === "Delete" || event.key === "Backspace") this.heard.remove(node);
    else if (way && event.shiftKey) this.nudge(node, way);
    else if (way) this.focus(this.nearest(node, way));
    else return;
    event.preventDefault();
  }

  nudge(node, [x, y]) {
    this.heard.moving();
    node.x = Math.min(1, Math.max(0, node.x + 0.03 * x));
    node.y = Math.min(1, Math.max(0, node.y + 0.03 * y));
    this.heard.moved();
  }

  /** Give a node the focus; the drawing itself where there is none. */
  focus(node) {
    (this.elements.get(node) ?? this.root).focus({ preventScroll: true });
  }

  /** Return the nearest node in one direction, or the node itself. */
  nearest(node, [wayX, wayY]) {
    const [x, y] = this.at(node);
    const found = this.view.graph.nodes.map((one) => {
      const [ahead, aside] = [(this.at(one)[0] - x) * wayX + (this.at(one)[1] - y) * wayY,
        Math.abs((this.at(one)[0] - x) * wayY) + Math.abs((this.at(one)[1] - y) * wayX)];
      return { one, far: ahead > 1 ? ahead + 2 * aside : Infinity };
    });
    const best = found.reduce((a, b) => (b.far < a.far ? b : a));
    return best.far === Infinity ? node : best.one;
  }
}
