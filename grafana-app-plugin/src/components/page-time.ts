import { useCallback, useEffect, useMemo, useState } from 'react';
import { useLocation } from 'react-router-dom';
import { dateTime, rangeUtil, type RawTimeRange, type TimeRange } from '@grafana/data';
import { config, locationService } from '@grafana/runtime';
import type { Interval } from '../api/windows.ts';
import type { TimeQuery } from '../paths.ts';

export interface PageTime {
  range: TimeRange;
  interval: Interval;
  /** The range as it stands in the URL, for links and as key of queries. */
  raw: { from: string; to: string };
  rangeKey: string;
  timeZone: string;
  /** Rises at every refresh, by timer or by hand. */
  tick: number;
  refreshInterval: string;
  refresh: () => void;
  setRange: (raw: RawTimeRange | Interval) => void;
  setRefreshInterval: (interval: string) => void;
  setTimeZone: (timeZone: string) => void;
}

export const useUrlParams = (): URLSearchParams => {
  const { search } = useLocation();
  return useMemo(() => new URLSearchParams(search), [search]);
};

/** Merges into the URL of the page; an empty or undefined value removes its name. */
export const setUrlParams = (params: Record<string, string | undefined>, replace = false): void =>
  locationService.partial(
    Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value || null])),
    replace,
  );

/** `from` and `to` of the current page, to keep in links to other pages. */
export const useTimeQuery = (): TimeQuery => {
  const params = useUrlParams();
  return { from: params.get('from') ?? undefined, to: params.get('to') ?? undefined };
};

const parseRaw = (value: string) => {
  if (value.startsWith('now')) {
    return value;
  }
  return dateTime(/^\d+$/.test(value) ? Number(value) : value);
};

function toRange(
  from: string,
  to: string,
  timeZone: string,
  fallback: { from: string; to: string },
): TimeRange {
  const range = rangeUtil.convertRawToRange({ from: parseRaw(from), to: parseRaw(to) }, timeZone);
  const isUsable = range.from.isValid() && range.to.isValid() && range.from.valueOf() < range.to.valueOf();
  return isUsable ? range : rangeUtil.convertRawToRange(fallback, timeZone);
}

const rawText = (value: RawTimeRange['from'] | number): string =>
  typeof value === 'string' ? value : String(value.valueOf());

/** A counter that rises every `interval` (`10s`) while the page is visible; 0 or '' stops it. */
function useTick(interval: string): { tick: number; refresh: () => void } {
  const [tick, setTick] = useState(0);
  const refresh = useCallback(() => setTick((count) => count + 1), []);
  useEffect(() => {
    if (!interval) {
      return undefined;
    }
    const timer = setInterval(() => !document.hidden && refresh(), rangeUtil.intervalToMs(interval));
    return () => clearInterval(timer);
  }, [interval, refresh]);
  return { tick, refresh };
}

const INTERVAL = /^\d+[smh]$/;

/** Time range, time zone and refresh of a page, all kept in its URL. */
export function usePageTime(defaults: { from: string; to: string; refresh: string }): PageTime {
  const params = useUrlParams();
  const from = params.get('from') ?? defaults.from;
  const to = params.get('to') ?? defaults.to;
  const timeZone = params.get('timezone') ?? config.bootData?.user?.timezone ?? 'browser';
  const chosen = params.get('refresh') ?? defaults.refresh;
  const refreshInterval = INTERVAL.test(chosen) ? chosen : '';
  const { tick, refresh } = useTick(refreshInterval);

  const range = useMemo(
    () => toRange(from, to, timeZone, { from: defaults.from, to: defaults.to }),
    // `tick`: a relative range moves on at every refresh.
    [from, to, timeZone, defaults.from, defaults.to, tick],
  );
  const interval = useMemo(() => ({ from: range.from.valueOf(), to: range.to.valueOf() }), [range]);
  return {
    range,
    interval,
    raw: { from, to },
    rangeKey: `${from} ${to}`,
    timeZone,
    tick,
    refreshInterval,
    refresh,
    setRange: (raw) => setUrlParams({ from: rawText(raw.from), to: rawText(raw.to) }),
    setRefreshInterval: (value) => setUrlParams({ refresh: value || 'off' }, true),
    setTimeZone: (value) => setUrlParams({ timezone: value }, true),
  };
}
