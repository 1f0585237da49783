// The server's answer, by nodes instead of by numbers.

export class View {
  constructor(answer, nodes, source, { kind, heads, layers }) {
    Object.assign(this, { answer, nodes, source, kind, heads, layers, alike: answer.alike });
    const byNode = (values) => new Map(nodes.map((node, i) => [node, values[i]]));
    this.hops = byNode(answer.hops);
    this.news = byNode(nodes.map((_, i) => answer.news.map((layer) => layer[i])));
    this.limit = answer.limit && byNode(answer.limit);
    // Of a graph whose edges go one way, more than 1 can be held: the full colour is the most.
    this.most = Math.max(1, ...answer.news.flat(), ...(answer.products ?? []).flat(2));
    this.entries = answer.sources.map((from, index) => ({ from: nodes[from], to: nodes[answer.targets[index]], index }));
    this.indices = new Map(this.entries.map(({ from, to, index }) => [from.name + to.name, index]));
  }

  degree(node) {
    return this.answer.degrees[this.nodes.indexOf(node)];
  }

  /** The weight of an entry in layer k, at layer 0 of the next: of one head, or of their mean. With GCN all layers agree. */
  weight(index, k, head = "mean") {
    const { weights, mean_weights: means } = this.answer;
    const layer = Math.min(Math.max(k, 1), means.length) - 1;
    return head === "mean" || this.kind === "gcn" ? means[layer][index] : weights[layer][head][index];
  }

  /** The weights on a line: one where both ways have the same, else one at each receiving end. */
  edgeWeights({ from, to }, k, head, isDirected) {
    const one = (a, b, end) => {
      // Of a graph before this one there may be nodes of the same names.
      if (!this.news.has(a)) return [];
      const index = this.indices.get(a.name + b.name);
      if (index === undefined) return [];
      const weight = this.weight(index, k, head);
      return [{ weight, text: weight.toFixed(2), end }];
    };
    if (isDirected || this.kind === "gcn") return one(from, to, "middle");
    return [...one(from, to, "to"), ...one(to, from, "from")];
  }

  /** What goes along edges in layer k, without what each node tells itself. */
  messages(k) {
    return this.entries.filter(({ from, to }) => from !== to && this.news.get(from)[k - 1] > 0).map(({ from, to, index }) => ({
      from, to, message: this.weight(index, k) * this.news.get(from)[k - 1], isFront: this.hops.get(to) === k,
    }));
  }

  /** A whole matrix, null where the graph is too large for one. */
  matrix(name, k) {
    if (this.answer.products === null) return null;
    if (name === "product") return this.answer.products[k];
    const rows = this.nodes.map(() => this.nodes.map(() => 0));
    this.answer.sources.forEach((source, index) => {
      rows[this.answer.targets[index]][source] = name === "tilde" ? 1 : this.weight(index, Math.max(k, 1));
    });
    return rows;
  }
}
