import { expect, test } from 'vitest';
import { createByteBudget } from './byte-budget.ts';

test('requests share the budget, and what one held comes back once', () => {
  const budget = createByteBudget(100);
  const [first, second] = [budget.open(), budget.open()];
  expect([first.take(60), second.take(40), second.take(1)]).toEqual([true, true, false]);
  first.release();
  first.release();
  expect([second.take(60), second.take(1)]).toEqual([true, false]);
});
