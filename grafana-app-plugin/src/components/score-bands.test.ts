import { createTheme } from '@grafana/data';
import { bandColors, bandOf, formatScore, severityColor } from './score-bands.ts';

const channel = (value: number): number =>
  value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;

/** Relative luminance of `#rrggbb` by WCAG 2. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    channel(parseInt(color.slice(at, at + 2), 16) / 255),
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const contrast = (a: string, b: string): number => {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
};

describe('score bands', () => {
  it.each([
    [0, 0],
    [24.9, 0],
    [25, 1],
    [50, 2],
    [74.99, 2],
    [75, 3],
    [90, 4],
    [100, 4],
  ])('score %d is in band %d', (score, band) => {
    expect(bandOf(score)).toBe(band);
  });

  it.each(['dark', 'light'] as const)('are seen against the panel of the %s theme', (mode) => {
    const theme = createTheme({ colors: { mode } });
    const [, ...conspicuous] = bandColors(theme).map((color) =>
      contrast(color, theme.colors.background.primary),
    );
    expect(Math.min(...conspicuous)).toBeGreaterThanOrEqual(3);
  });

  it('a score is never rounded up into a worse band', () => {
    expect(formatScore(74.99)).toBe('74');
  });

  it('severities have the colour of the band they begin with', () => {
    const theme = createTheme();
    expect([
      severityColor('low', theme),
      severityColor('medium', theme),
      severityColor('high', theme),
    ]).toEqual(bandColors(theme).slice(2));
  });
});
