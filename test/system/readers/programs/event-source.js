/** Reads a session with the browser's EventSource, which reconnects by itself after the last event. */
globalThis.readSession = async (url, session) => {
  const events = `${url}/v1/sessions/${session}/events`;
  const lines = [];
  const { promise: ended, resolve } = Promise.withResolvers();
  const source = new EventSource(`${events}/sse`);
  source.addEventListener("message", ({ data }) => {
    lines.push(data);
    if (JSON.parse(data).type === "session.ended") resolve();
  });
  await ended;
  source.close();
  const page = await fetch(events);
  return [...lines, await page.text()];
};
