// What a page asks of its server. A refusal is an `Error` whose message is for the reader; what the
// page itself has broken off by `signal` is an `AbortError`, of which nobody need hear.

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
  if (!answer.ok) throw new Error(await reason(answer));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let left = "";
  for (;;) {
    const { done, value } = await heardOf(reader.read());
    if (done) return;
    const lines = (left + value).split("\n");
    left = lines.pop();
    for (const line of lines) heard(JSON.parse(line));
  }
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
    throw new Error("the playground does not answer: is unroll app still running?");
  }
}

async function answered(asked) {
  const answer = await asked;
  if (!answer.ok) throw new Error(await reason(answer));
  return answer.json();
}

async function reason(answer) {
  try {
    return (await answer.json()).error;
  } catch {
    return `the playground refused with status ${answer.status}`;
  }
}
