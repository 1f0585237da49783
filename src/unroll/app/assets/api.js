// What a page asks of its server. A refusal is an `Error` whose message is for the reader, with the
// `status` of HTTP, or `isUnanswered` where nobody answers; what the page itself has broken off by `signal` is an `AbortError`, of which
// nobody need hear.

/** Return what is at `/api/PATH`; `query` are its parameters. */
export async function get(path, query = {}, signal) {
  const words = new URLSearchParams(query).toString();
  return answered(ask(`/api/${path}${words ? `?${words}` : ""}`, { signal }));
}

/** Return the answer to `body`. */
export async function post(path, body, signal) {
  return answered(ask(`/api/${path}`, { ...sent(body), signal }));
}

/** Call `heard` with each event of a stream of JSON lines, until its end or until `signal`. */
export async function stream(path, body, heard, signal) {
  const answer = await ask(`/api/${path}`, { ...sent(body), signal });
  if (!answer.ok) throw await refusal(answer);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let left = "";
  try {
    for (;;) {
      const { done, value } = await heardOf(reader.read());
      if (done) return;
      const lines = (left + value).split("\n");
      left = lines.pop();
      for (const line of lines) heard(JSON.parse(line));
    }
  } finally {
    // Where `heard` raised, the rest is not wanted, and the server is to know.
    reader.cancel().catch(() => {});
  }
}

/** Return what gives a signal to each new request, and breaks off the one before. */
export function latest() {
  let last = new AbortController();
  return () => {
    last.abort();
    last = new AbortController();
    return last.signal;
  };
}

function sent(body) {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

const ask = (address, options) => heardOf(fetch(address, options));

async function heardOf(promise) {
  try {
    return await promise;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    const told = new Error("the playground does not answer: is unroll app still running?");
    throw Object.assign(told, { isUnanswered: true });
  }
}

/** Return whether the playground answers. */
export const isAnswering = () => fetch("/api/training").then(({ ok }) => ok, () => false);

async function answered(asked) {
  const answer = await asked;
  if (!answer.ok) throw await refusal(answer);
  return heardOf(answer.json());
}

const GONE = [404, 410];

/** Call `heard` whenever something that was asked for is not there, or not any more. */
export const onGone = (heard) => document.addEventListener("gone", heard);

async function refusal(answer) {
  const { status } = answer;
  if (GONE.includes(status)) document.dispatchEvent(new Event("gone"));
  const told = (text) => Object.assign(new Error(text), { status });
  try {
    return told((await answer.json()).error);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return told(`the playground refused with status ${status}`);
  }
}
