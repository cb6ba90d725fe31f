import { apiPaths } from '../paths.ts';
import { call } from './client.ts';
import type { Feedback, NewFeedback, Page } from './types.ts';
import { useQuery } from './use-query.ts';

export const useFeedback = (anomaly_id: string) =>
  useQuery(`feedback ${anomaly_id}`, (signal) =>
    call<Page<Feedback>>('GET', apiPaths.feedback(), { params: { anomaly_id }, signal }),
  );

export const sendFeedback = (feedback: NewFeedback) =>
  call<Feedback>('POST', apiPaths.feedback(), { data: feedback });
