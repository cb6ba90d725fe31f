import type { ReactNode } from 'react';
import { LoadingPlaceholder } from '@grafana/ui';
import type { QueryState } from '../api/use-query.ts';
import { ErrorState } from './ErrorState.tsx';

interface Props<T> {
  query: QueryState<T>;
  /** What is shown, for messages: `the anomalies`. */
  what: string;
  children: (data: T) => ReactNode;
}

/** Loading and error states of a query; the old answer stays below an error of its refresh. */
export function QueryView<T>({ query, what, children }: Props<T>) {
  const { data, error, refetch } = query;
  return (
    <>
      {error && <ErrorState error={error} what={what} onRetry={refetch} />}
      {query.isLoading && <LoadingPlaceholder text={`Loading ${what}`} />}
      {data !== undefined && !error?.isForbidden && children(data)}
    </>
  );
}
