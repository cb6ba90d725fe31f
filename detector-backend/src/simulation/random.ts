/** Mixes integers into one 32-bit hash (MurmurHash3 finaliser per part): the same parts give the same hash everywhere. */
export function hashOf(...parts: number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    // Epoch seconds and ms exceed 32 bits: both halves count.
    hash = mix(hash ^ (part | 0));
    hash = mix(hash + Math.floor(part / 4294967296));
  }
  return hash >>> 0;
}

function mix(value: number): number {
  let hash = (value + 0x9e3779b9) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** A seeded stream of random numbers. */
export interface Random {
  /** Starts the stream that belongs to `seed` (32 bits); the same seed repeats it. */
  reseed(seed: number): void;
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, limit). */
  int(limit: number): number;
  /** 32 random bits as an unsigned integer. */
  bits(): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** Number of events of a Poisson process with the given mean (Knuth; mean below about 500). */
  poisson(mean: number): number;
}

/** sfc32 (Chris Doty-Humphrey, PractRand): small, fast, passes the usual batteries. */
export function createRandom(): Random {
  let a = 0;
  let b = 0;
  let c = 0;
  let counter = 1;
  const bits = (): number => {
    const sum = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  const next = (): number => bits() / 4294967296;
  return {
    reseed(seed) {
      a = mix(seed);
      b = mix(a ^ seed);
      c = mix(b ^ a);
      counter = 1;
      for (let round = 0; round < 12; round++) bits();
    },
    next,
    bits,
    int: (limit) => Math.floor(next() * limit),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    poisson(mean) {
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = next(); product > limit; product *= next()) count += 1;
      return count;
    },
  };
}
