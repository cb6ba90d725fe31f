/** Bytes that all requests of this process may hold at a time. */
export interface ByteBudget {
  /** One request's share; `release` gives back all that it took. */
  open(): HeldBytes;
}

export interface HeldBytes {
  /** False when the budget is spent; nothing is taken then. */
  take(bytes: number): boolean;
  release(): void;
}

export function createByteBudget(max_bytes: number): ByteBudget {
  let in_flight = 0;
  return {
    open() {
      let held = 0;
      return {
        take(bytes) {
          if (in_flight + bytes > max_bytes) return false;
          in_flight += bytes;
          held += bytes;
          return true;
        },
        release() {
          in_flight -= held;
          held = 0;
        },
      };
    },
  };
}
