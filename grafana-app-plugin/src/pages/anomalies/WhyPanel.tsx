import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, PanelChrome, Stack, useStyles2 } from '@grafana/ui';
import type { AnomalyDetail, Explanation, FeatureWindow } from '../../api/types.ts';
import { useWindowExplanation } from '../../api/windows.ts';
import { QueryView } from '../../components/QueryView.tsx';
import { formatSpan } from '../../components/time-format.ts';
import { WaterfallChart } from './WaterfallChart.tsx';

interface Props {
  anomaly: AnomalyDetail;
  windows: FeatureWindow[];
  /** The minute to explain in place of the episode's worst one. */
  picked: FeatureWindow | null;
  onPick: (window: FeatureWindow | null) => void;
  timeZone: string;
}

/** Why the episode got its score; or why any other minute got, or did not get, a high one. */
export function WhyPanel({ anomaly, windows, picked, onPick, timeZone }: Props) {
  const explained = useWindowExplanation(picked?.id ?? null);
  const shown_id = picked?.id ?? anomaly.window?.id;
  const index = windows.findIndex(({ id }) => id === shown_id);
  const shown = windows[index];
  const span = shown ? ` ${formatSpan(shown.window_start, shown.window_end, timeZone)}` : '';
  const before = windows[index - 1];
  const after = index < 0 ? undefined : windows[index + 1];
  return (
    <PanelChrome
      title={picked ? `Why this score:${span}` : `Why this score: worst minute${span}`}
      description="Contributions add up: usual score plus all points is the score. Dashed: 75, where an anomaly opens."
      actions={
        <Stack direction="row" gap={0.5}>
          {picked && (
            <Button size="sm" variant="secondary" fill="text" onClick={() => onPick(null)}>
              Worst minute
            </Button>
          )}
          <Button
            size="sm"
            variant="secondary"
            fill="text"
            icon="angle-left"
            aria-label="Explain the minute before"
            disabled={!before}
            onClick={() => before && onPick(before)}
          />
          <Button
            size="sm"
            variant="secondary"
            fill="text"
            icon="angle-right"
            aria-label="Explain the minute after"
            disabled={!after}
            onClick={() => after && onPick(after)}
          />
        </Stack>
      }
    >
      {picked ? (
        <QueryView query={explained} what="the explanation of this minute">
          {(explanation) => <Why explanation={explanation} />}
        </QueryView>
      ) : (
        <WaterfallChart explanation={anomaly.explanation} />
      )}
    </PanelChrome>
  );
}

function Why({ explanation }: { explanation: Explanation }) {
  const styles = useStyles2(getStyles);
  return (
    <>
      <p className={styles.summary}>{explanation.summary}</p>
      <WaterfallChart explanation={explanation} />
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  summary: css({ margin: theme.spacing(0, 0, 0.5) }),
});
