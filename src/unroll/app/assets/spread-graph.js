// The graph that is drawn: nodes with names and places, edges between them, and its limits.
// Places are 0 … 1 from the left and from the top. Knows nothing of the page.

export const MOST_NODES = 24;
export const MOST_EDGES = 60;
const NAMES = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const UNDOABLE = 50;

const SIX_NODES = {
  places: { A: [0.74, 0.5], B: [0.5, 0.12], C: [0.02, 0.5], D: [0.26, 0.5], E: [0.98, 0.5], F: [0.5, 0.88] },
  edges: ["AB", "AE", "AF", "BD", "CD", "DF"],
  source: "C",
};

export class Graph {
  constructor() {
    this.nodes = [];
    this.edges = [];
    this.isDirected = false;
    this.past = [];
  }

  /** Put one of the known graphs in place; return the name of the node to follow. */
  become(preset) {
    this.keep();
    const { places, edges, source } = PRESETS[preset]();
    this.set({ places: Object.entries(places), edges });
    return source;
  }

  /** Return the new node, joined to `from` where one is given, or why there is none. */
  add(x, y, from = null) {
    if (this.nodes.length >= MOST_NODES) return { problem: `There are ${MOST_NODES} nodes, and more are not drawn: remove one first.` };
    this.keep();
    const name = NAMES.find((one) => !this.named(one));
    const node = { name, x, y };
    this.nodes.push(node);
    this.nodes.sort((one, other) => (one.name < other.name ? -1 : 1));
    if (from && this.edges.length < MOST_EDGES) this.edges.push({ from, to: node });
    return { node };
  }

  /** Return a free place for a node that nobody pointed at: the one farthest from all others. */
  freePlace() {
    const steps = [0.1, 0.26, 0.42, 0.58, 0.74, 0.9];
    const places = steps.flatMap((x) => [0.15, 0.38, 0.62, 0.85].map((y) => [x, y]));
    const room = ([x, y]) => Math.min(2, ...this.nodes.map((node) => Math.hypot(node.x - x, node.y - y)));
    return places.reduce((best, place) => (room(place) > room(best) ? place : best));
  }

  remove(node) {
    this.keep();
    this.nodes = this.nodes.filter((one) => one !== node);
    this.edges = this.edges.filter(({ from, to }) => from !== node && to !== node);
  }

  /** Join two nodes; return why not, or null. */
  join(from, to) {
    if (from === to) return "An edge joins two nodes; each node hears itself without one.";
    if (this.between(from, to)) return `The edge ${this.edgeName({ from, to })} is there already.`;
    if (this.edges.length >= MOST_EDGES) return `There are ${MOST_EDGES} edges, and more are not drawn: remove one first.`;
    this.keep();
    this.edges.push({ from, to });
    return null;
  }

  separate(edge) {
    this.keep();
    this.edges = this.edges.filter((one) => one !== edge);
  }

  /** Let an edge go the other way; return why not, or null. */
  turn(edge) {
    const turned = { from: edge.to, to: edge.from };
    if (this.between(turned.from, turned.to)) return `The edge ${this.edgeName(turned)} is there already.`;
    this.keep();
    this.edges = this.edges.map((one) => (one === edge ? turned : one));
    return null;
  }

  /** Edges go one way or both; of A→B and B→A one is left when they go both ways. */
  direct(isDirected) {
    this.keep();
    this.isDirected = isDirected;
    this.edges = this.edges.filter((edge) => this.between(edge.from, edge.to) === edge);
  }

  between(from, to) {
    const is = (one, a, b) => one.from === a && one.to === b;
    return this.edges.find((one) => is(one, from, to) || (!this.isDirected && is(one, to, from)));
  }

  named(name) {
    return this.nodes.find((node) => node.name === name);
  }

  edgeName({ from, to }) {
    return `${from.name}${this.isDirected ? "→" : "–"}${to.name}`;
  }

  /** Remember how the graph is, for `undo`. */
  keep() {
    const places = this.nodes.map(({ name, x, y }) => [name, [x, y]]);
    const edges = this.edges.map(({ from, to }) => from.name + to.name);
    this.past.push({ places, edges, isDirected: this.isDirected });
    this.past = this.past.slice(-UNDOABLE);
  }

  undo() {
    this.set(this.past.pop());
  }

  set({ places, edges, isDirected = this.isDirected }) {
    this.isDirected = isDirected;
    this.nodes = places.map(([name, [x, y]]) => ({ name, x, y }));
    this.edges = edges.map(([from, to]) => ({ from: this.named(from), to: this.named(to) }));
  }
}

export const PRESETS = {
  six: () => SIX_NODES,
  path: () => line(7, (i) => [0.02 + (0.96 * i) / 6, i % 2 ? 0.36 : 0.64], []),
  ring: () => line(8, onCircle(8), ["AH"]),
  star: () => {
    const circle = onCircle(7);
    const places = { A: [0.5, 0.5] };
    for (let i = 0; i < 7; i += 1) places[NAMES[i + 1]] = circle(i);
    return { places, edges: NAMES.slice(1, 8).map((name) => `A${name}`), source: "B" };
  },
  none: () => ({ places: {}, edges: [], source: null }),
};

function line(count, placed, more) {
  const names = NAMES.slice(0, count);
  const places = Object.fromEntries(names.map((name, i) => [name, placed(i)]));
  const edges = names.slice(1).map((name, i) => names[i] + name);
  return { places, edges: [...edges, ...more], source: "A" };
}

const onCircle = (count) => (i) => {
  const turn = (2 * Math.PI * i) / count - Math.PI / 2;
  return [0.5 + 0.46 * Math.cos(turn), 0.5 + 0.46 * Math.sin(turn)];
};
