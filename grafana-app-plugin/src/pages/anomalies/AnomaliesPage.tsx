import { useState } from 'react';
import { css } from '@emotion/css';
import { LoadingState, type GrafanaTheme2 } from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import {
  Button,
  Combobox,
  EmptyState,
  Field,
  PanelChrome,
  RadioButtonGroup,
  Stack,
  useStyles2,
} from '@grafana/ui';
import { useAnomalies, type AnomalyFilter } from '../../api/anomalies.ts';
import { useServices } from '../../api/services.ts';
import { AnomalyTable } from '../../components/AnomalyTable.tsx';
import { PageToolbar } from '../../components/PageToolbar.tsx';
import { setUrlParams, usePageTime, useTimeQuery, useUrlParams } from '../../components/page-time.ts';
import { QueryView } from '../../components/QueryView.tsx';
import { pagePaths } from '../../paths.ts';
import { SEVERITY_NAMES, STATUS_NAMES } from '../../vocabulary.ts';

const DEFAULT_TIME = { from: 'now-24h', to: 'now', refresh: '' };
const PAGE_SIZE = 50;

const options = (names: Record<string, string>) => [
  { label: 'All', value: '' },
  ...Object.entries(names).map(([value, label]) => ({ label, value })),
];

const STATUS_OPTIONS = options(STATUS_NAMES);
const SEVERITY_OPTIONS = options(SEVERITY_NAMES);

/** A value of the URL, if it is one of the options. */
const chosen = (value: string | null, choices: { value: string }[]): string =>
  choices.some((choice) => choice.value === value) ? (value ?? '') : '';

export default function AnomaliesPage() {
  const styles = useStyles2(getStyles);
  const params = useUrlParams();
  const time = usePageTime(DEFAULT_TIME);
  const filter = {
    status: chosen(params.get('status'), STATUS_OPTIONS),
    severity: chosen(params.get('severity'), SEVERITY_OPTIONS),
    service_id: params.get('service_id') ?? '',
  };
  const pages = useCursor(JSON.stringify([filter, time.rangeKey]));
  const timeQuery = useTimeQuery();
  const query = useAnomalies(
    { ...filter, cursor: pages.cursor, limit: PAGE_SIZE },
    { rangeKey: time.rangeKey, interval: time.interval },
    time.tick,
  );
  return (
    <PluginPage
      pageNav={{ text: 'Anomalies', url: pagePaths.anomalies() }}
      actions={<PageToolbar time={time} isLoading={query.isRefreshing} />}
    >
      <Filters filter={filter} />
      <PanelChrome
        title="Anomalies"
        padding="none"
        loadingState={query.isRefreshing ? LoadingState.Loading : LoadingState.Done}
      >
        <QueryView query={query} what="the anomalies">
          {({ items, next_cursor }) =>
            items.length === 0 ? (
              <NoAnomalies isFiltered={Object.values(filter).some(Boolean)} />
            ) : (
              <>
                <AnomalyTable
                  anomalies={items}
                  timeZone={time.timeZone}
                  now={time.interval.to}
                  timeQuery={timeQuery}
                  showStatus
                  markSimulated
                />
                {(pages.hasPrevious || next_cursor) && (
                  <div className={styles.pager}>
                    <Button
                      size="sm"
                      variant="secondary"
                      disabled={!pages.hasPrevious}
                      onClick={pages.previous}
                    >
                      Newer
                    </Button>
                    <Button
                      size="sm"
                      variant="secondary"
                      disabled={!next_cursor}
                      onClick={() => next_cursor && pages.next(next_cursor)}
                    >
                      Older
                    </Button>
                  </div>
                )}
              </>
            )
          }
        </QueryView>
      </PanelChrome>
    </PluginPage>
  );
}

/** Cursors of the pages that were visited; a change of `scope` (filter, range) goes back to the first. */
function useCursor(scope: string) {
  const [visited, setVisited] = useState<{ scope: string; cursors: string[] }>({ scope, cursors: [] });
  const cursors = visited.scope === scope ? visited.cursors : [];
  return {
    cursor: cursors.at(-1),
    hasPrevious: cursors.length > 0,
    next: (cursor: string) => setVisited({ scope, cursors: [...cursors, cursor] }),
    previous: () => setVisited({ scope, cursors: cursors.slice(0, -1) }),
  };
}

function Filters({
  filter,
}: {
  filter: Required<Pick<AnomalyFilter, 'status' | 'severity' | 'service_id'>>;
}) {
  const services = useServices();
  const choices = (services.data?.items ?? []).map(({ id, name, environment }) => ({
    value: id,
    label: name,
    description: environment,
  }));
  return (
    <Stack direction="row" gap={2} wrap="wrap">
      <Field label="Status">
        <RadioButtonGroup
          options={STATUS_OPTIONS}
          value={filter.status ?? ''}
          onChange={(status) => setUrlParams({ status })}
        />
      </Field>
      <Field label="Severity">
        <RadioButtonGroup
          options={SEVERITY_OPTIONS}
          value={filter.severity ?? ''}
          onChange={(severity) => setUrlParams({ severity })}
        />
      </Field>
      <Field label="Service">
        <Combobox
          id="anomalies-service"
          width={32}
          options={choices}
          value={filter.service_id || null}
          isClearable
          placeholder="All services"
          loading={services.isLoading}
          onChange={(option: { value: string } | null) => setUrlParams({ service_id: option?.value })}
        />
      </Field>
    </Stack>
  );
}

function NoAnomalies({ isFiltered }: { isFiltered: boolean }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.empty}>
      <EmptyState
        variant={isFiltered ? 'not-found' : 'completed'}
        message={isFiltered ? 'No anomaly matches' : 'No anomaly in this time range'}
        button={
          isFiltered ? (
            <Button
              variant="secondary"
              onClick={() => setUrlParams({ status: undefined, severity: undefined, service_id: undefined })}
            >
              Clear the filter
            </Button>
          ) : undefined
        }
      />
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  pager: css({
    display: 'flex',
    justifyContent: 'flex-end',
    gap: theme.spacing(1),
    padding: theme.spacing(1),
    borderTop: `1px solid ${theme.colors.border.weak}`,
  }),
  empty: css({ padding: theme.spacing(3) }),
});
