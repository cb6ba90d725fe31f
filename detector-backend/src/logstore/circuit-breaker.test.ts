import { expect, test } from 'vitest';
import { createCircuitBreaker } from './circuit-breaker.ts';

/** A cluster that is there or not, or whose answer to the probe is still to come. */
function watched() {
  let now = 0;
  let probes = 0;
  let answer: Promise<Error | null> = Promise.resolve(null);
  const breaker = createCircuitBreaker(
    () => {
      probes += 1;
      return answer;
    },
    () => now,
  );
  const isLetIn = () =>
    breaker.enter().then(
      () => true,
      () => false,
    );
  const probeAnswers = (answers: boolean) =>
    void (answer = Promise.resolve(answers ? null : new Error('no answer to the probe')));
  return {
    breaker,
    isLetIn,
    probeAnswers,
    /** Gives what ends the probe. */
    probeWaits: () => {
      let end: (failure: Error | null) => void;
      answer = new Promise((resolve) => (end = resolve));
      return (answers: boolean) => end(answers ? null : new Error('no answer to the probe'));
    },
    fail: async () => {
      probeAnswers(false);
      await breaker.unanswered(new Error('no answer'));
    },
    probes: () => probes,
    pass: (ms: number) => void (now += ms),
  };
}

test('closed: every request is let through, also after one that was slow by itself', async () => {
  const { breaker, isLetIn, probes } = watched();
  expect([await isLetIn(), await isLetIn(), probes()]).toEqual([true, true, 0]);
  await breaker.unanswered(new Error('no answer'));
  expect([await isLetIn(), await isLetIn(), probes()]).toEqual([true, true, 1]);
});

test('open: refused with the reason, until a pause is over that doubles up to ten seconds', async () => {
  const { breaker, isLetIn, fail, probes, pass } = watched();
  await fail();
  await expect(breaker.enter()).rejects.toMatchObject({
    code: 'log_store_unavailable',
    message: 'no answer',
    retryAfterSeconds: 1,
  });
  const pauses = [];
  for (let trial = 0; trial < 6; trial += 1) {
    const before = probes();
    let waited = 0;
    for (; probes() === before; waited += 100) {
      pass(100);
      expect(await isLetIn()).toBe(false);
    }
    pauses.push(waited);
  }
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test('half-open: one caller at a time tries with the probe, and its answer lets all through, however slow the caller is', async () => {
  const { isLetIn, fail, probeWaits, probes, pass } = watched();
  await fail();
  pass(1000);
  const end = probeWaits();
  const trial = isLetIn();
  pass(4000);
  expect([await isLetIn(), probes()]).toEqual([false, 2]);
  end(true);
  expect(await trial).toBe(true);
  expect([await isLetIn(), probes()]).toEqual([true, 2]);
});

test('requests that run out of time together send one probe, and make the pause no longer', async () => {
  const { breaker, isLetIn, probeWaits, probeAnswers, probes, pass } = watched();
  const end = probeWaits();
  const failing = ['a', 'b', 'c'].map((name) => breaker.unanswered(new Error(name)));
  expect(await isLetIn()).toBe(true);
  end(false);
  await Promise.all(failing);
  await breaker.unanswered(new Error('sent before it opened'));
  expect([await isLetIn(), probes()]).toEqual([false, 1]);
  pass(1000);
  probeAnswers(true);
  expect(await isLetIn()).toBe(true);
});

test('an answer to what was sent before it opened closes it', async () => {
  const { breaker, isLetIn, fail } = watched();
  await fail();
  breaker.answered();
  expect(await isLetIn()).toBe(true);
});
