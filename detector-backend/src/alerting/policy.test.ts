import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALERT_EVENTS } from './policy-schema.ts';
import { decide, type AnomalyEvent, type Policy, type Recent } from './policy.ts';

const noon = Date.UTC(2026, 0, 5, 12);
const opened: AnomalyEvent = {
  event: 'opened',
  severity: 'medium',
  score: 80,
  service_id: 'checkout',
  anomaly_type: 'error_surge',
  occurred_at: noon,
};
const nothing: Recent = { last_opened_at: null, has_fired: false };
const policy = (conditions: Policy['conditions'] = {}, cooldown_seconds = 0): Policy => ({
  conditions,
  cooldown_seconds,
});

describe('conditions', () => {
  it('let every opened anomaly pass when there are none', () => {
    expect(decide(policy(), opened, nothing).decision).toBe('fire');
  });

  it.each([
    [{ min_score: 80.1 }, 'score 80 is below min_score 80.1'],
    [{ severities: ['high'] }, 'severity medium is not among severities'],
    [{ service_ids: ['cart'] }, 'the service is not among service_ids'],
    [{ anomaly_types: ['silence'] }, 'anomaly type error_surge is not among anomaly_types'],
    [{ events: ['resolved'] }, 'the policy does not send opened events'],
  ] satisfies [Policy['conditions'], string][])('%j suppresses with a reason', (conditions, reason) => {
    expect(decide(policy(conditions), opened, nothing)).toEqual({ decision: 'suppress', reason });
  });

  it('min_score is met by an equal score', () => {
    expect(decide(policy({ min_score: 80 }), opened, nothing).decision).toBe('fire');
  });
});

describe('cooldown', () => {
  const cooled = policy({}, 600);

  it('suppresses until the last second and fires at its end', () => {
    const at = (last_opened_at: number) => decide(cooled, opened, { last_opened_at, has_fired: false });
    expect(at(noon - 599_000)).toEqual({
      decision: 'suppress',
      reason: 'cooldown: 1 s of log time remain',
    });
    expect(at(noon - 600_000).decision).toBe('fire');
  });

  it('does not hold back an escalation', () => {
    const recent = { last_opened_at: noon - 1000, has_fired: false };
    expect(decide(cooled, { ...opened, event: 'escalated' }, recent).decision).toBe('fire');
  });
});

describe('the end of an anomaly', () => {
  it.each(['resolved', 'withdrawn'] as const)('%s follows only what fired', (event) => {
    const ended = { ...opened, event, score: 3 };
    expect(decide(policy({ min_score: 90 }), ended, { ...nothing, has_fired: true }).decision).toBe('fire');
    expect(decide(policy(), ended, nothing).decision).toBe('suppress');
  });

  it('is not sent to a policy that leaves it out', () => {
    const recent = { ...nothing, has_fired: true };
    expect(decide(policy({ events: ['opened'] }), { ...opened, event: 'resolved' }, recent).decision).toBe(
      'suppress',
    );
  });
});

it('never shifts its decision when all log times shift by the same amount', () => {
  const shift = (value: number | null, by: number) => (value === null ? null : value + by);
  fc.assert(
    fc.property(
      fc.constantFrom(...ALERT_EVENTS),
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.option(fc.integer({ min: noon - 1e7, max: noon + 1e7 }), { nil: null }),
      fc.boolean(),
      fc.integer({ min: 0, max: 7200 }),
      fc.integer({ min: -1e11, max: 1e11 }),
      (event, score, last_opened_at, has_fired, cooldown_seconds, by) => {
        const subject = policy({ min_score: 50 }, cooldown_seconds);
        const first = decide(subject, { ...opened, event, score }, { last_opened_at, has_fired });
        const moved = decide(
          subject,
          { ...opened, event, score, occurred_at: noon + by },
          { last_opened_at: shift(last_opened_at, by), has_fired },
        );
        expect(moved).toEqual(first);
      },
    ),
  );
});
