// Server-sent events through fetch, which sends the token in a header and reads why it was refused.
// Reconnects by itself and asks for what came in between.

const LONGEST_WAIT = 30000;

/**
 * Follow `path`; `onEntry(entry)` for each new entry, `onState("live" | "waiting" | "over", id of the last entry)`. Returns a stop function.
 * `name`: of the events that are meant, or several; `onEntry` is told which it was. `path`, `token`: the text, or a function that gives it.
 */
export function follow(path, token, { lastId = null, name: wanted = "entry", onEntry, onState }) {
  const stopped = new AbortController();
  let wait = 2000;

  async function once() {
    const headers = { Accept: "text/event-stream", Authorization: `Bearer ${typeof token === "function" ? token() : token}` };
    if (lastId) headers["Last-Event-ID"] = lastId;
    const response = await fetch(typeof path === "function" ? path() : path, { headers, signal: stopped.signal, cache: "no-store" });
    if ([401, 403, 404].includes(response.status)) return "over";
    if (!response.ok) return "waiting";
    onState("live");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return "waiting";
      const blocks = (text + value).split("\n\n");
      text = blocks.pop();
      for (const block of blocks) read(block);
    }
  }

  function read(block) {
    const event = { name: "message", data: "" };
    for (const line of block.split("\n")) {
      const [name, ...rest] = line.split(": ");
      const value = rest.join(": ");
      if (name === "retry") wait = Number(value) || wait;
      if (name === "event") event.name = value;
      if (name === "data") event.data += value;
    }
    if (![wanted].flat().includes(event.name)) return;
    const entry = JSON.parse(event.data);
    lastId = entry.id ?? null;
    onEntry(entry, event.name);
  }

  (async () => {
    let pause = wait;
    while (!stopped.signal.aborted) {
      const began = Date.now();
      const state = await once().catch(() => "waiting");
      if (stopped.signal.aborted) return;
      onState(state, lastId);
      if (state === "over") return;
      pause = Date.now() - began > LONGEST_WAIT ? wait : Math.max(wait, Math.min(pause * 1.5, LONGEST_WAIT));
      await new Promise((resolve) => setTimeout(resolve, pause * (0.75 + Math.random() / 2)));
    }
  })();
  return () => stopped.abort();
}
