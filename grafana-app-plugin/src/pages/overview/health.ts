import type { Service, SourceHealth, Status } from '../../api/types.ts';
import { formatCount, formatDuration } from '../../components/time-format.ts';
import { pagePaths } from '../../paths.ts';

/** One figure of the health summary. */
export interface Figure {
  label: string;
  value: string;
  note: string;
  tone: 'good' | 'warning' | 'bad' | 'plain';
  /** Page that says more. */
  href?: string;
}

const TROUBLE: SourceHealth['status'][] = ['blind', 'error', 'behind'];

function sourcesFigure({ sources }: Status): Omit<Figure, 'label' | 'href'> {
  const trouble = sources.filter(({ status }) => TROUBLE.includes(status));
  const read = sources.filter(({ status }) => status !== 'disabled');
  const waiting = read.filter(({ status, cursor_at }) => status === 'ok' && cursor_at === null).length;
  const lag = Math.max(0, ...read.map(({ lag_seconds }) => lag_seconds ?? 0));
  if (read.length === 0) {
    return { value: '0', note: 'nothing is read yet', tone: 'warning' };
  }
  if (trouble.length > 0) {
    const names = trouble.map(({ name, status }) => `${name} is ${status === 'error' ? 'in error' : status}`);
    const isBad = trouble.some(({ status }) => status !== 'behind');
    return {
      value: `${read.length - trouble.length} of ${read.length} ok`,
      note: names.join(', '),
      tone: isBad ? 'bad' : 'warning',
    };
  }
  if (waiting === read.length) {
    return {
      value: String(waiting),
      note: 'waiting for the first line',
      tone: 'warning',
    };
  }
  return {
    value: `${read.length - waiting} ok`,
    note: `${formatDuration(lag * 1000)} behind${waiting > 0 ? `, ${waiting} waiting for lines` : ''}`,
    tone: 'good',
  };
}

/** Minutes until the last service is ready: a service learns one window a minute. Null when none is learning. */
export function minutesToReady(services: Service[]): number | null {
  const missing = services
    .filter(({ state }) => state !== 'ready')
    .map(({ window_count, ready_at_window_count }) => Math.max(1, ready_at_window_count - window_count));
  return missing.length === 0 ? null : Math.max(...missing);
}

function servicesFigure({ services: count }: Status, services: Service[]): Figure {
  const minutes = minutesToReady(services);
  const blind = count.blind > 0 ? `${count.blind} blind` : '';
  const parts = [
    count.warming > 0 && `${count.warming} warming`,
    count.cold > 0 && `${count.cold} cold`,
    blind,
  ];
  const learning = minutes === null ? '' : `ready in ~${formatDuration(minutes * 60_000)}`;
  const note = [...parts, learning].filter(Boolean).join(' · ');
  return {
    label: 'Services ready',
    value: `${count.ready} of ${count.total}`,
    note: note || 'all know what is normal',
    tone: count.blind > 0 ? 'bad' : count.ready < count.total ? 'warning' : 'good',
  };
}

function queueFigure({ queue }: Status): Figure {
  return {
    label: 'Queue',
    value: queue.failed > 0 ? `${formatCount(queue.failed)} failed` : formatCount(queue.waiting),
    note: queue.failed > 0 ? `${formatCount(queue.waiting)} waiting` : `waiting, on ${queue.backend}`,
    tone: queue.failed > 0 ? 'bad' : queue.waiting > 1000 ? 'warning' : 'good',
  };
}

/** What an operator must know before trusting the page: is everything read, judged and delivered? */
export function healthFigures(status: Status, services: Service[]): Figure[] {
  const { models, open_anomalies } = status;
  return [
    {
      label: 'Open anomalies',
      value: String(open_anomalies),
      note: open_anomalies === 0 ? 'nothing needs you' : 'listed below',
      tone: open_anomalies === 0 ? 'good' : 'bad',
    },
    { label: 'Log sources', ...sourcesFigure(status), href: pagePaths.logSources() },
    servicesFigure(status, services),
    {
      label: 'Lines read',
      value: `${formatCount(status.lines_per_second)}/s`,
      note: 'mean of the last minute',
      tone: 'plain',
    },
    queueFigure(status),
    {
      label: 'Model',
      value: models.active_version === null ? 'none yet' : `version ${models.active_version}`,
      note: models.trained_until
        ? `trained ${formatDuration(Date.parse(status.now) - Date.parse(models.trained_until))} ago`
        : 'counts and baselines judge alone',
      tone: 'plain',
    },
  ];
}
