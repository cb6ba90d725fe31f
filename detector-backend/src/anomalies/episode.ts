import { createHash } from 'node:crypto';
import {
  CLOSE_SCORE,
  OPEN_SCORE,
  RESOLVE_AFTER_MS,
  severityOf,
  type AnomalySeverity,
} from '../scoring/score-schema.ts';
import type { AnomalyType, Explanation } from '../explanations/explanation-schema.ts';

/** One anomaly from opening to resolution; a row of `anomalies`. Times in epoch ms of log time. */
export interface Episode {
  id: string;
  service_id: string;
  status: 'open' | 'resolved' | 'withdrawn';
  anomaly_type: AnomalyType;
  kinds: AnomalyType[];
  severity: AnomalySeverity;
  /** Highest score so far; `explanation`, `window_start` and `model_version_id` belong to that window. */
  score: number;
  explanation: Explanation;
  started_at: number;
  opened_at: number;
  last_seen_at: number;
  resolved_at: number | null;
  window_start: number | null;
  window_seconds: number | null;
  model_version_id: string | null;
  /** Of the stored row; 0 before it is stored. A save compares it, so two writers never overwrite each other. */
  revision: number;
}

export type EpisodeEventName = 'opened' | 'escalated' | 'resolved' | 'withdrawn';
export interface EpisodeEvent {
  anomaly_id: string;
  event: EpisodeEventName;
  severity: AnomalySeverity;
  score: number;
  occurred_at: number;
}

/** What an episode needs to know of a judged window. */
export interface JudgedWindow {
  service_id: string;
  window_start: number;
  window_end: number;
  score: number;
  model_version_id: string | null;
}

/** A further explanation is worth its work when the peak rose by this much. */
const EXPLAIN_AGAIN_ABOVE = 5;
const SEVERITY_ORDER: AnomalySeverity[] = ['low', 'medium', 'high'];

/** True when `advanceEpisode` will want an explanation of this window. */
export function wantsExplanation(episode: Episode | null, window: JudgedWindow): boolean {
  if (!episode) return window.score >= OPEN_SCORE;
  if (SEVERITY_ORDER.indexOf(severityOf(window.score)) > SEVERITY_ORDER.indexOf(episode.severity))
    return true;
  // At the top of the scale a further window is no rise, however many there are.
  return window.score > episode.score && window.score > Math.min(99.9, episode.score + EXPLAIN_AGAIN_ABOVE);
}

/** Same service and edge, same id: a window judged again after a crash opens the same anomaly. */
export function episodeId(service_id: string, opened_at: number): string {
  const hex = createHash('sha256').update(`anomaly ${service_id} ${opened_at}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * One step of the life of a service's episodes, at one tile edge: opens at {@link OPEN_SCORE}, is extended from
 * {@link CLOSE_SCORE} on, escalates when its severity rises, is resolved after {@link RESOLVE_AFTER_MS} below.
 * Pure; `explanation` is required whenever {@link wantsExplanation} says so.
 */
export function advanceEpisode(
  episode: Episode | null,
  window: JudgedWindow,
  explanation: Explanation | null,
): { episode: Episode | null; events: EpisodeEvent[] } {
  if (!episode)
    return explanation && window.score >= OPEN_SCORE
      ? open(window, explanation)
      : { episode: null, events: [] };
  if (window.score >= CLOSE_SCORE) return extend(episode, window, explanation);
  if (window.window_end - episode.last_seen_at < RESOLVE_AFTER_MS) return { episode, events: [] };
  const resolved: Episode = { ...episode, status: 'resolved', resolved_at: window.window_end };
  return { episode: resolved, events: [eventOf(resolved, 'resolved', window.window_end)] };
}

function open(window: JudgedWindow, explanation: Explanation) {
  const episode: Episode = {
    id: episodeId(window.service_id, window.window_end),
    service_id: window.service_id,
    status: 'open',
    anomaly_type: explanation.anomaly_type,
    kinds: [explanation.anomaly_type],
    severity: severityOf(window.score),
    score: window.score,
    explanation,
    started_at: explanation.started_at,
    opened_at: window.window_end,
    last_seen_at: window.window_end,
    resolved_at: null,
    revision: 0,
    ...pointer(window),
  };
  return { episode, events: [eventOf(episode, 'opened', window.window_end)] };
}

/**
 * What late lines do to the episodes of their service: a window that now reaches {@link OPEN_SCORE} raises the episode it
 * touches, or opens one, which is resolved at once when the service has been judged past its end.
 */
export function joinLate(
  episode: Episode | null,
  window: JudgedWindow,
  explanation: Explanation,
  judged_until: number,
): { episode: Episode; events: EpisodeEvent[] } {
  if (episode) return extend(episode, window, explanation);
  const opened = open(window, explanation);
  const resolved_at = window.window_end + RESOLVE_AFTER_MS;
  if (judged_until < resolved_at) return opened;
  const resolved: Episode = { ...opened.episode, status: 'resolved', resolved_at };
  return { episode: resolved, events: [...opened.events, eventOf(resolved, 'resolved', resolved_at)] };
}

function extend(
  episode: Episode,
  window: JudgedWindow,
  explanation: Explanation | null,
): { episode: Episode; events: EpisodeEvent[] } {
  const next: Episode = { ...episode, last_seen_at: Math.max(episode.last_seen_at, window.window_end) };
  if (!explanation) return { episode: next, events: [] };
  Object.assign(next, pointer(window), {
    score: window.score,
    explanation,
    anomaly_type: explanation.anomaly_type,
    kinds: [...new Set([...episode.kinds, explanation.anomaly_type])],
    severity: severityOf(window.score),
    started_at: Math.min(episode.started_at, explanation.started_at),
  });
  const rose = SEVERITY_ORDER.indexOf(next.severity) > SEVERITY_ORDER.indexOf(episode.severity);
  return { episode: next, events: rose ? [eventOf(next, 'escalated', window.window_end)] : [] };
}

const pointer = (window: JudgedWindow) => ({
  window_start: window.window_start,
  window_seconds: (window.window_end - window.window_start) / 1000,
  model_version_id: window.model_version_id,
});

/** The event of an episode's change at a point of log time. */
export const eventOf = (episode: Episode, event: EpisodeEventName, occurred_at: number): EpisodeEvent => ({
  anomaly_id: episode.id,
  event,
  severity: episode.severity,
  score: episode.score,
  occurred_at,
});

/** What further lines can disprove: that lines were missing. No late line makes errors or a spike unseen. */
const DISPROVED_BY_LINES: AnomalyType[] = ['silence', 'mix_change'];

/**
 * An episode whose windows were judged again: withdrawn when it said that lines were missing and none of its windows
 * reaches {@link OPEN_SCORE} any more, else null. It is never deleted, so its history stays.
 * @param peak highest score of its stored windows, null when none is
 */
export function reviseEpisode(
  episode: Episode,
  peak: number | null,
  occurred_at: number,
): { episode: Episode; events: EpisodeEvent[] } | null {
  if (peak === null || peak >= OPEN_SCORE || !DISPROVED_BY_LINES.includes(episode.anomaly_type)) return null;
  // After everything that was said of it before, or it would be told before its resolution.
  const withdrawn_at = Math.max(occurred_at, episode.last_seen_at, episode.resolved_at ?? 0);
  const withdrawn: Episode = {
    ...episode,
    status: 'withdrawn',
    score: peak,
    severity: severityOf(peak),
    resolved_at: episode.resolved_at ?? withdrawn_at,
  };
  return { episode: withdrawn, events: [eventOf(withdrawn, 'withdrawn', withdrawn_at)] };
}
