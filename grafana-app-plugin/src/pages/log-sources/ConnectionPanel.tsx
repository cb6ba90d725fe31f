import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { PanelChrome, useStyles2 } from '@grafana/ui';
import type { LogSource } from '../../api/log-source-types.ts';
import { Fact, Facts } from '../../components/Facts.tsx';
import { formatDuration } from '../../components/time-format.ts';
import { MAPPED_FIELD_WORDS, PRESET_NAMES, sourceTypeName } from '../../vocabulary.ts';
import { fieldPaths } from './field-mapping.ts';

const isEngine = ({ source_type }: LogSource) =>
  source_type === 'elasticsearch' || source_type === 'opensearch';

/** Settings of the source, and where and how its documents are read. */
export function ConnectionPanel({ source }: { source: LogSource }) {
  const styles = useStyles2(getStyles);
  const { connection_config } = source;
  return (
    <PanelChrome title="Settings">
      <div className={styles.panel}>
        <Facts>
          <Fact name="Type">{sourceTypeName(source.source_type)}</Fact>
          {isEngine(source) && (
            <Fact name="Index">
              <code>{connection_config.index ?? '–'}</code>
            </Fact>
          )}
          <Fact name="Slice" about="unit of reading">
            {source.slice_seconds} s
          </Fact>
          <Fact name="Read lag" about="how old the end of a slice is before it is read">
            {formatDuration(source.read_lag_seconds * 1000)}
          </Fact>
          <Fact name="Allowed lateness" about="how long a window waits for late lines">
            {formatDuration(source.allowed_lateness_seconds * 1000)}
          </Fact>
          {source.backfill_hours != null && (
            <Fact name="Backfill" about="read when it was added">
              {source.backfill_hours} h
            </Fact>
          )}
          <Fact name="Clock" about={source.clock_mode === 'log' ? 'moves with the lines' : undefined}>
            {source.clock_mode === 'log' ? 'log time' : 'wall clock'}
          </Fact>
        </Facts>
        {isEngine(source) && (
          <div className={styles.mapping}>
            <h6>Fields, by the names of {PRESET_NAMES[connection_config.preset ?? 'ecs']}</h6>
            <table aria-label="Fields">
              <tbody>
                {fieldPaths(connection_config).map(({ field, path, isOwn }) => (
                  <tr key={field}>
                    <th scope="row">{MAPPED_FIELD_WORDS[field].name}</th>
                    <td>{path === null ? '–' : <code>{path}</code>}</td>
                    <td className={styles.muted}>{isOwn ? 'set for this source' : ''}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {connection_config?.query && (
          <div>
            <h6>Query</h6>
            <pre className={styles.query}>{JSON.stringify(connection_config.query, null, 2)}</pre>
          </div>
        )}
      </div>
    </PanelChrome>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  panel: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
  mapping: css({
    overflowX: 'auto',
    'th, td': { padding: theme.spacing(0.25, 2, 0.25, 0), textAlign: 'left', whiteSpace: 'nowrap' },
    th: { fontWeight: theme.typography.fontWeightRegular },
  }),
  muted: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  query: css({ margin: 0, maxHeight: 300, overflow: 'auto' }),
});
