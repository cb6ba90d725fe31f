import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { TextLink, useStyles2 } from '@grafana/ui';
import type { UnreadSource } from '../../api/types.ts';
import { pagePaths } from '../../paths.ts';

/** Log sources whose lines are missing here, each with the reason. Nothing when all could be read. */
export function MissingLines({ sources }: { sources: UnreadSource[] }) {
  const styles = useStyles2(getStyles);
  return sources.map(({ log_source_id, log_source, reason }) => (
    <p key={log_source_id ?? log_source} className={styles.note}>
      Lines of{' '}
      {log_source_id === null ? (
        log_source
      ) : (
        <TextLink href={pagePaths.logSource(log_source_id)} inline variant="bodySmall">
          {log_source}
        </TextLink>
      )}{' '}
      are missing here: {reason}
    </p>
  ));
}

const getStyles = (theme: GrafanaTheme2) => ({
  note: css({
    margin: theme.spacing(0, 0, 0.5),
    color: theme.colors.warning.text,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
