import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from './client.ts';

export interface QueryState<T> {
  /** Last good answer. It stays while it is refreshed and when a refresh fails. */
  data: T | undefined;
  error: ApiError | undefined;
  /** True only while there is nothing to show yet. */
  isLoading: boolean;
  isRefreshing: boolean;
  refetch: () => void;
}

interface Answer<T> {
  key: string;
  data?: T;
  error?: ApiError | undefined;
}

interface QueryOptions {
  /** The query runs again, with the old answer on screen, when this number changes. */
  tick?: number;
  /** Shows the answer of the former key until that of the new one is there (time ranges, filters). */
  keepPrevious?: boolean;
}

/** Loads what `key` names; null loads nothing. A call that is no longer wanted is cancelled. */
export function useQuery<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
  { tick = 0, keepPrevious = false }: QueryOptions = {},
): QueryState<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ key: '' });
  const [isBusy, setBusy] = useState(false);
  const [manual, setManual] = useState(0);
  const latestLoad = useRef(load);
  useEffect(() => {
    latestLoad.current = load;
  });

  useEffect(() => {
    if (key === null) {
      return undefined;
    }
    const controller = new AbortController();
    setBusy(true);
    latestLoad
      .current(controller.signal)
      .then((data) => setAnswer({ key, data }))
      .catch((error: unknown) => {
        if (error instanceof ApiError) {
          setAnswer((old) => ({ ...(old.key === key || keepPrevious ? old : {}), key, error }));
        } else if (!controller.signal.aborted) {
          throw error;
        }
      })
      .finally(() => !controller.signal.aborted && setBusy(false));
    return () => controller.abort();
  }, [key, tick, manual, keepPrevious]);

  const refetch = useCallback(() => setManual((count) => count + 1), []);
  const isCurrent = answer.key === key || keepPrevious;
  const data = isCurrent ? answer.data : undefined;
  const error = answer.key === key ? answer.error : undefined;
  return {
    data,
    error,
    isLoading: key !== null && data === undefined && error === undefined,
    isRefreshing: isBusy,
    refetch,
  };
}
