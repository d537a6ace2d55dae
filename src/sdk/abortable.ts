/**
 * A generator whose `return()` takes effect while it waits for its next value. `return()` of a plain
 * generator waits for that value too, and an idle stream would keep its connection.
 *
 * @param open creates the generator. The signal is aborted when the consumer leaves.
 */
export function abortable<T, R>(
  open: (left: AbortSignal) => AsyncGenerator<T, R, void>,
): AsyncGenerator<T, R, void> {
  const left = new AbortController();
  const generator = open(left.signal);
  /** Waits for a result. The abort is not an error of a consumer that has left. */
  const settle = async (result: Promise<IteratorResult<T, R>>): Promise<IteratorResult<T, R>> => {
    try {
      return await result;
    } catch (error) {
      if (!left.signal.aborted) throw error;
      // The generator has ended with the error, so that this is its end.
      return await generator.next();
    }
  };
  return {
    next: () => settle(generator.next()),
    return(value) {
      left.abort();
      return settle(generator.return(value));
    },
    async throw(error) {
      const result = generator.throw(error);
      left.abort();
      return await result;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      left.abort();
      await settle(generator.throw(left.signal.reason));
    },
  };
}
