import { HttpResponse } from 'msw';

/** An answer of the form of every error of the backend. */
export const problem = (status: number, code: string, title: string, detail = '', field?: string) =>
  HttpResponse.json(
    { type: 'about:blank', title, status, detail, code, field, request_id: 'req-mock-1' },
    { status, headers: { 'content-type': 'application/problem+json' } },
  );
