const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.addEventListener("message", () => waiting.shift()?.());
channel.port1.start();

/** Lets the browser draw and hear its user, and goes on at once when it has. */
export function breathe(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.push(resolve);
  channel.port2.postMessage(undefined);
  return promise;
}
