import { expect, test } from 'vitest';
import { createCircuitBreaker } from './circuit-breaker.ts';

function watched() {
  let now = 0;
  const breaker = createCircuitBreaker(() => now);
  /** One request; true when it was let through. */
  const ask = (answers: boolean): boolean => {
    let entry;
    try {
      entry = breaker.enter();
    } catch {
      return false;
    }
    if (answers) breaker.answered();
    else breaker.failed(entry, new Error('no answer'));
    breaker.leave(entry);
    return true;
  };
  return { breaker, ask, pass: (ms: number) => void (now += ms) };
}

test('closed: every request is let through', () => {
  const { breaker, ask } = watched();
  expect([ask(true), ask(true)]).toEqual([true, true]);
  expect([breaker.enter(), breaker.enter()]).toEqual([{ is_trial: false }, { is_trial: false }]);
});

test('open: refused with the reason, until a pause is over that doubles up to ten seconds', () => {
  const { breaker, ask, pass } = watched();
  ask(false);
  expect(() => breaker.enter()).toThrow(
    expect.objectContaining({ code: 'log_store_unavailable', message: 'no answer', retryAfterSeconds: 1 }),
  );
  const pauses = [];
  for (let trial = 0; trial < 6; trial += 1) {
    let waited = 0;
    for (; !ask(false); waited += 100) pass(100);
    pauses.push(waited);
  }
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test('half-open: one request at a time tries, and its answer lets all through', () => {
  const { breaker, ask, pass } = watched();
  ask(false);
  pass(1000);
  const trial = breaker.enter();
  expect(trial).toEqual({ is_trial: true });
  pass(20_000);
  expect(ask(true)).toBe(false);
  breaker.answered();
  breaker.leave(trial);
  expect(breaker.enter()).toEqual({ is_trial: false });
});

test('a trial that ends without telling anything leaves its place to the next', () => {
  const { breaker, ask, pass } = watched();
  ask(false);
  pass(1000);
  breaker.leave(breaker.enter());
  expect(breaker.enter()).toEqual({ is_trial: true });
});

test('requests that were under way when it opened make the pause no longer, and an answer to one closes it', () => {
  const { breaker, ask, pass } = watched();
  const entries = [breaker.enter(), breaker.enter(), breaker.enter()];
  for (const entry of entries) breaker.failed(entry, new Error('no answer'));
  pass(1000);
  expect(ask(false)).toBe(true);
  breaker.answered();
  expect(breaker.enter()).toEqual({ is_trial: false });
});
