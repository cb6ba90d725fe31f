import { describe, expect, test } from 'vitest';
import { anomalyLines, type OpenedAnomaly } from './anomaly-line.ts';
import { createProgressBar, progressText, type Progress } from './progress-bar.ts';

const PROGRESS: Progress = {
  phase: 'back-fill',
  percent: 50,
  lines: 180_000,
  lines_per_second: 12_345.6,
  eta_seconds: 75,
  at_ms: Date.UTC(2026, 0, 5, 2),
};

describe('the progress', () => {
  test('says phase, share, counts, rate, time left and log time in one line', () => {
    const text = progressText(PROGRESS);
    expect(text).toContain('[############............]   50.0 %');
    expect(text).toContain('180,000 lines  12,346 lines/s  1 min 15 s left  log time 2026-01-05T02:00:00Z');
    expect(progressText({ ...PROGRESS, percent: null, eta_seconds: null })).not.toMatch(/%|left|\[/);
  });

  test('is one rewritten line on a terminal, and text is printed above it', () => {
    let written = '';
    let now = 0;
    const bar = createProgressBar(
      { write: (text) => (written += text), isTTY: true, columns: 60 },
      () => now,
    );
    bar.update(PROGRESS);
    bar.update({ ...PROGRESS, percent: 51 });
    now = 500;
    bar.update({ ...PROGRESS, percent: 52 });
    bar.print('hello');
    bar.done();
    const rows = written.split('\n');
    expect(rows).toHaveLength(3);
    expect(rows[0]).toContain('hello');
    expect(
      written
        .split('\r\x1b[2K')
        .slice(1)
        .map((row) => row.slice(0, 5)),
    ).toEqual(['back-', 'back-', 'hello', 'back-']);
    expect(Math.max(...written.split(/\r\x1b\[2K|\n/).map((row) => row.length))).toBeLessThan(60);
  });

  test('is a plain line every few seconds elsewhere, and at every change of phase', () => {
    let written = '';
    let now = 0;
    const bar = createProgressBar({ write: (text) => (written += text) }, () => now);
    for (; now < 12_000; now += 100) bar.update({ ...PROGRESS, percent: now / 120 });
    bar.update({ ...PROGRESS, phase: 'live' });
    bar.done();
    bar.done();
    expect(written.split('\n').filter((row) => row !== '')).toHaveLength(4);
    expect(written).not.toMatch(/[\r\x1b]/);
  });
});

describe('an anomaly', () => {
  const anomaly: OpenedAnomaly = {
    service: 'payment',
    anomaly_type: 'error_surge',
    severity: 'high',
    score: 96.4,
    summary: 'payment wrote 214 error lines in a minute, 3 expected',
    started_at: Date.UTC(2026, 0, 5, 4, 16, 3),
    opened_at: Date.UTC(2026, 0, 5, 4, 16, 20),
    templates: ['a', 'b', 'c', 'd'].map((name) => ({
      pattern: `gateway ${name} <*>`,
      severity: 'error',
      count: 40,
      expected: 0.42,
    })),
    sample_lines: [{ timestamp: 0, message: `evil \x1b[2J\u202e${'x'.repeat(500)}\nat Frame` }],
  };

  test('is three to six readable lines', () => {
    const lines = anomalyLines(anomaly, false).split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toBe(
      '▲ HIGH 96  payment  error_surge  since 2026-01-05 04:16:03 UTC, opened 2026-01-05 04:16:20 UTC',
    );
    expect(lines[1]).toContain('214 error lines');
    expect(lines[2]).toContain('gateway a <*>  40 lines, 0.4 expected');
    expect(anomalyLines({ ...anomaly, templates: [], sample_lines: [] }, false).split('\n')).toHaveLength(2);
  });

  test('brings no control characters of the logs to the terminal; colours are ours', () => {
    expect(anomalyLines(anomaly, false)).not.toMatch(/[\x1b\u202e]/);
    expect(anomalyLines(anomaly, true)).toContain('\x1b[31m');
    expect(anomalyLines(anomaly, true)).not.toContain('\x1b[2J');
  });
});
