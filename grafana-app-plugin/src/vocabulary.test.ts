import { featureWords, rarityOf } from './vocabulary.ts';

describe('rarityOf', () => {
  it.each([
    [0, '1 in 1 minutes'],
    [25, '1 in 100 minutes'],
    [50, '1 in 10⁴ minutes'],
    [75, '1 in 10⁶ minutes'],
    [97.4, '1 in 6·10⁷ minutes'],
    [99.9, '1 in 10⁸ minutes'],
    [100, '1 in 10⁸ minutes'],
  ])('score %d is %s', (score, text) => {
    expect(rarityOf(score)).toBe(text);
  });
});

it('a feature that the page does not know keeps its name', () => {
  expect(featureWords('error_surprisal').name).toBe('Errors');
  expect(featureWords('spectral_power').name).toBe('spectral power');
});
