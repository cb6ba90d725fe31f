import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, TextLink, useStyles2 } from '@grafana/ui';
import type { Service, SourceHealth } from '../../api/types.ts';
import { isUnread } from '../../components/source-state.ts';
import { SourceStateBadge } from '../../components/SourceStateBadge.tsx';
import { formatDuration } from '../../components/time-format.ts';
import { pagePaths } from '../../paths.ts';

/** More names than this are counted. */
const MAX_NAMES = 6;
/** More sources than this are on the Sources page only. */
const MAX_SOURCES = 5;

interface Props {
  sources: SourceHealth[];
  services: Service[];
}

/** Sources that can not be read, each with the reason, and the services that are blind by that. Nothing when all is read. */
export function UnreadSources({ sources, services }: Props) {
  const styles = useStyles2(getStyles);
  const unread = sources.filter(isUnread);
  const blind = services.filter(({ is_blind }) => is_blind).map(({ name }) => name);
  if (unread.length === 0 && blind.length === 0) {
    return null;
  }
  const status = unread.every((source) => source.status === unread[0]?.status)
    ? unread[0]?.status
    : undefined;
  return (
    <Alert severity="error" title={titleOf(unread)} bottomSpacing={0}>
      <ul className={styles.sources}>
        {unread.slice(0, MAX_SOURCES).map((source) => (
          <li key={source.id}>
            <SourceStateBadge source={source} />
            <TextLink href={pagePaths.logSource(source.id)}>{source.name}</TextLink>
            {source.lag_seconds !== null && (
              <span className={styles.muted}>read up to {formatDuration(source.lag_seconds * 1000)} ago</span>
            )}
            <span className={styles.reason}>{source.last_error ?? 'No reason was given.'}</span>
          </li>
        ))}
      </ul>
      {blind.length > 0 && (
        <p className={styles.blind}>
          Blind {blind.length === 1 ? 'service' : 'services'}: {namesOf(blind)}. No silence and no change of
          volume is judged until the lines are read.
        </p>
      )}
      <TextLink href={pagePaths.logSources({ status })}>All about the sources</TextLink>
    </Alert>
  );
}

function titleOf(unread: SourceHealth[]): string {
  const [first] = unread;
  if (!first) {
    return 'Some services are blind';
  }
  return unread.length === 1
    ? `The log source ${first.name} can not be read`
    : `${unread.length} log sources can not be read`;
}

const namesOf = (names: string[]): string =>
  names.length <= MAX_NAMES
    ? names.join(', ')
    : `${names.slice(0, MAX_NAMES).join(', ')} and ${names.length - MAX_NAMES} more`;

const getStyles = (theme: GrafanaTheme2) => ({
  sources: css({
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(0.75),
    margin: theme.spacing(0, 0, 1),
    listStyle: 'none',
    li: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      gap: theme.spacing(0.25, 1),
      overflowWrap: 'anywhere',
    },
  }),
  reason: css({ flex: '1 0 100%' }),
  blind: css({ margin: theme.spacing(0, 0, 1) }),
  muted: css({ color: theme.colors.text.secondary }),
});
