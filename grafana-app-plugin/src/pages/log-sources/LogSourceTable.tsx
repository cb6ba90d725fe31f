import type { ReactNode } from 'react';
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, TextLink, Tooltip, useStyles2 } from '@grafana/ui';
import type { LogSource } from '../../api/log-source-types.ts';
import { isUnread, sourceState, unminedText } from '../../components/source-state.ts';
import { SourceStateBadge } from '../../components/SourceStateBadge.tsx';
import { formatCount, formatDuration } from '../../components/time-format.ts';
import { pagePaths } from '../../paths.ts';
import { sourceTypeName } from '../../vocabulary.ts';
import { BackfillProgress } from './BackfillProgress.tsx';
import type { SourceGroup } from './source-groups.ts';

const COLUMNS: { name: string; about?: string }[] = [
  { name: 'Source' },
  { name: 'State' },
  { name: 'Lag', about: 'How far reading is behind the lines that come' },
  { name: 'Lines read' },
  {
    name: 'Late lines',
    about: 'Lines that came after their slice was read, found when it was counted again',
  },
  { name: 'Re-read slices', about: 'Slices that were read again because their count grew' },
];

/** Every source with how well it is read; what is wrong stands in full below its row, shards below their parent. */
export function LogSourceTable({ groups }: { groups: SourceGroup[] }) {
  const styles = useStyles2(getStyles);
  return (
    <table className={styles.table} aria-label="Log sources">
      <thead>
        <tr>
          {COLUMNS.map(({ name, about }, index) => (
            <th key={name} scope="col" className={cx(index > 1 && styles.right)}>
              {about ? (
                <Tooltip content={about}>
                  <span className={styles.help}>{name}</span>
                </Tooltip>
              ) : (
                name
              )}
            </th>
          ))}
        </tr>
      </thead>
      {groups.map(({ source, shards }) => (
        <tbody key={source.id}>
          <SourceRows source={source} shardCount={shards.length} />
          {shards.map((shard) => (
            <SourceRows key={shard.id} source={shard} parent={source} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

interface RowProps {
  source: LogSource;
  parent?: LogSource;
  shardCount?: number;
}

function SourceRows({ source, parent, shardCount = 0 }: RowProps) {
  const styles = useStyles2(getStyles);
  const notes = sourceNotes(source);
  return (
    <>
      <tr className={styles.row}>
        <td className={cx(styles.name, parent && styles.shard)}>
          {parent && <span className={styles.branch} aria-hidden />}
          <TextLink inline={false} color="primary" href={pagePaths.logSource(source.id)}>
            {source.name}
          </TextLink>
          <small>
            {[
              parent ? `shard of ${parent.name}` : sourceTypeName(source.source_type),
              parent ? undefined : source.connection_config?.index,
              shardCount > 0 ? `${shardCount} ${shardCount === 1 ? 'shard' : 'shards'} split off` : undefined,
            ]
              .filter(Boolean)
              .join(' · ')}
          </small>
        </td>
        <td className={styles.state}>
          <SourceStateBadge source={source} />
          <small>{sourceState(source).meaning}</small>
        </td>
        <Figure name="Lag" value={lagText(source)} />
        <Figure name="Lines read" value={formatCount(source.lines_read)} />
        <Figure name="Late lines" value={formatCount(source.lines_late)} />
        <Figure name="Re-read slices" value={formatCount(source.slices_reread ?? 0)} />
      </tr>
      {notes.length > 0 && (
        <tr className={styles.notes}>
          <td colSpan={COLUMNS.length} className={cx(parent && styles.shard)}>
            {notes}
          </td>
        </tr>
      )}
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  const styles = useStyles2(getStyles);
  return (
    <td className={styles.right} data-label={name}>
      {value}
    </td>
  );
}

const lagText = ({ lag_seconds, is_enabled }: LogSource): string =>
  lag_seconds === null || !is_enabled ? '–' : formatDuration(lag_seconds * 1000);

/** What an operator must read about a source: why it is not read, what is not mined, how long the backfill takes. */
function sourceNotes(source: LogSource): ReactNode[] {
  const unmined = unminedText(source);
  return [
    isUnread(source) && (
      <Note key="error" tone="bad">
        {source.last_error ?? 'It can not be read, and no reason was given.'}
      </Note>
    ),
    unmined && (
      <Note key="unmined" tone="warning">
        {unmined}: more lines came than could be read. Counts are exact, new messages may be missed.
      </Note>
    ),
    source.backfill && (
      <BackfillProgress
        key="backfill"
        backfill={source.backfill}
        name={source.name}
        hours={source.backfill_hours}
      />
    ),
  ].filter(Boolean);
}

function Note({ tone, children }: { tone: 'bad' | 'warning'; children: ReactNode }) {
  const styles = useStyles2(getStyles);
  return (
    <p className={cx(styles.note, styles[tone])}>
      <Icon name={tone === 'bad' ? 'exclamation-circle' : 'exclamation-triangle'} size="sm" />
      <span>{children}</span>
    </p>
  );
}

const getStyles = (theme: GrafanaTheme2) => {
  const line = `1px solid ${theme.colors.border.weak}`;
  const small = {
    display: 'block',
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  };
  const narrow = theme.breakpoints.down('md');
  return {
    table: css({
      width: '100%',
      'td, th': { padding: theme.spacing(0.75, 1), verticalAlign: 'top' },
      'td:first-of-type, th:first-of-type': { paddingLeft: theme.spacing(2) },
      'td:last-of-type, th:last-of-type': { paddingRight: theme.spacing(2) },
      th: {
        color: theme.colors.text.secondary,
        fontSize: theme.typography.bodySmall.fontSize,
        fontWeight: theme.typography.fontWeightRegular,
        whiteSpace: 'nowrap',
      },
      tbody: { borderTop: line },
      [narrow]: {
        display: 'block',
        tbody: { display: 'block', padding: theme.spacing(0.5, 0) },
        // Numbers carry their names with them here.
        thead: { position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' },
        'td, th': { padding: theme.spacing(0.25, 2) },
      },
    }),
    row: css({
      [narrow]: {
        display: 'flex',
        flexWrap: 'wrap',
        'td:nth-of-type(1)': { flex: '1 1 60%' },
        'td:nth-of-type(2)': { flex: '0 1 40%' },
      },
    }),
    notes: css({ [narrow]: { display: 'block', td: { display: 'block' } } }),
    name: css({ overflowWrap: 'anywhere', small }),
    state: css({ small, whiteSpace: 'nowrap', [narrow]: { textAlign: 'right' } }),
    shard: css({
      position: 'relative',
      '&:first-of-type': { paddingLeft: `${theme.spacing(5)} !important` },
    }),
    branch: css({
      position: 'absolute',
      left: theme.spacing(2.5),
      top: 0,
      width: theme.spacing(1.5),
      height: theme.spacing(2.25),
      borderLeft: `1px solid ${theme.colors.border.strong}`,
      borderBottom: `1px solid ${theme.colors.border.strong}`,
    }),
    right: css({
      textAlign: 'right',
      whiteSpace: 'nowrap',
      fontVariantNumeric: 'tabular-nums',
      [narrow]: {
        textAlign: 'left',
        fontSize: theme.typography.bodySmall.fontSize,
        '&[data-label]::before': { content: 'attr(data-label) " "', color: theme.colors.text.secondary },
      },
    }),
    help: css({ borderBottom: `1px dotted ${theme.colors.text.secondary}`, cursor: 'help' }),
    note: css({
      display: 'flex',
      gap: theme.spacing(1),
      margin: theme.spacing(0, 0, 0.5),
      whiteSpace: 'pre-wrap',
      overflowWrap: 'anywhere',
      fontSize: theme.typography.bodySmall.fontSize,
      svg: { flexShrink: 0, marginTop: 2 },
    }),
    bad: css({ color: theme.colors.error.text }),
    warning: css({ color: theme.colors.warning.text }),
  };
};
