import { dateTime, rangeUtil } from '@grafana/data';
import { RefreshPicker, Stack, TimeRangePicker } from '@grafana/ui';
import type { PageTime } from './page-time.ts';

interface Props {
  time: PageTime;
  isLoading: boolean;
}

/** Time range and refresh, where Grafana's own pages have them. */
export function PageToolbar({ time, isLoading }: Props) {
  const { interval } = time;
  const width = interval.to - interval.from;
  const shift = (by: number) => time.setRange({ from: interval.from + by, to: interval.to + by });
  return (
    <Stack direction="row" gap={1} wrap="wrap">
      <TimeRangePicker
        value={time.range}
        timeZone={time.timeZone}
        onChange={(range) => time.setRange(range.raw)}
        onChangeTimeZone={time.setTimeZone}
        onMoveBackward={() => shift(-width / 2)}
        onMoveForward={() => shift(width / 2)}
        onZoom={() => time.setRange({ from: interval.from - width / 2, to: interval.to + width / 2 })}
        isOnCanvas
      />
      <RefreshControl time={time} isLoading={isLoading} />
    </Stack>
  );
}

/** Refresh alone, for pages that show how things are now. */
export function RefreshControl({ time, isLoading }: Props) {
  return (
    <RefreshPicker
      value={time.refreshInterval}
      intervals={['5s', '10s', '30s', '1m', '5m']}
      onRefresh={time.refresh}
      onIntervalChanged={time.setRefreshInterval}
      isLoading={isLoading}
      tooltip="Refresh"
      isOnCanvas
    />
  );
}

/** `Last 1 hour`, or both ends. */
export const describeRange = (time: PageTime): string =>
  rangeUtil.describeTimeRange({ from: rawEnd(time.raw.from), to: rawEnd(time.raw.to) }, time.timeZone);

const rawEnd = (value: string) => (value.startsWith('now') ? value : dateTime(Number(value) || value));
