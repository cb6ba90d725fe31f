import { useState } from 'react';
import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import { useAnomalyLines } from '../../api/anomalies.ts';
import { QueryView } from '../../components/QueryView.tsx';
import { LogLines } from './LogLines.tsx';
import { MissingLines } from './MissingLines.tsx';

interface Props {
  anomaly_id: string;
  /** ISO 8601, within ten minutes of the anomaly. */
  at: string;
  timeZone: string;
  isWrapped: boolean;
}

const FEW_LINES = 10;
const MANY_LINES = 100;

/** What the service wrote around a moment, read now from its log sources. */
export function LinesAround({ anomaly_id, at, timeZone, isWrapped }: Props) {
  const styles = useStyles2(getStyles);
  const [count, setCount] = useState(FEW_LINES);
  const query = useAnomalyLines(anomaly_id, at, count);
  return (
    <div className={styles.frame}>
      <QueryView query={query} what="the lines around">
        {({ before, after, unread_sources }) => (
          <>
            <MissingLines sources={unread_sources} />
            {before.length + after.length === 0 ? (
              <p className={styles.empty}>
                No line of the service is stored within ten minutes of this moment: it was silent, or
                retention has removed them.
              </p>
            ) : (
              <LogLines
                label="Lines around"
                lines={[...before, ...after]}
                at={at}
                timeZone={timeZone}
                isWrapped={isWrapped}
              />
            )}
            {count < MANY_LINES && Math.max(before.length, after.length) >= count && (
              <Button
                size="sm"
                variant="secondary"
                fill="text"
                disabled={query.isRefreshing}
                onClick={() => setCount(MANY_LINES)}
              >
                More lines
              </Button>
            )}
          </>
        )}
      </QueryView>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  frame: css({
    margin: theme.spacing(0.5, 0, 1, 2),
    paddingLeft: theme.spacing(1),
    borderLeft: `2px solid ${theme.colors.border.medium}`,
  }),
  empty: css({ margin: 0, color: theme.colors.text.secondary }),
});
