import { act, renderHook, waitFor } from '@testing-library/react';
import { ApiError } from './client.ts';
import { useQuery } from './use-query.ts';

const failed = () =>
  Promise.reject(new ApiError({ status: 500, code: 'internal', title: 'The server failed' }));

describe('useQuery', () => {
  it('keeps the last answer when a refresh fails, and says so', async () => {
    const load = vi.fn<() => Promise<string>>().mockResolvedValueOnce('first').mockImplementationOnce(failed);
    const { result, rerender } = renderHook(({ tick }) => useQuery('key', load, { tick }), {
      initialProps: { tick: 0 },
    });
    expect(result.current.isLoading).toBe(true);
    await waitFor(() => expect(result.current.data).toBe('first'));
    rerender({ tick: 1 });
    await waitFor(() => expect(result.current.error?.code).toBe('internal'));
    expect(result.current.data).toBe('first');
  });

  it('cancels a call whose key is no longer wanted, and shows no answer of another key', async () => {
    const signals: AbortSignal[] = [];
    const load = (key: string) => (signal: AbortSignal) => {
      signals.push(signal);
      return Promise.resolve(key);
    };
    const { result, rerender } = renderHook(({ key }) => useQuery(key, load(key)), {
      initialProps: { key: 'a' },
    });
    await waitFor(() => expect(result.current.data).toBe('a'));
    rerender({ key: 'b' });
    expect(result.current.data).toBeUndefined();
    expect(signals[0]?.aborted).toBe(true);
    await waitFor(() => expect(result.current.data).toBe('b'));
  });

  it('shows the answer of the former key while asked to', async () => {
    let release: (value: string) => void = () => undefined;
    const load = (key: string) => () =>
      key === 'a' ? Promise.resolve('a') : new Promise<string>((resolve) => (release = resolve));
    const { result, rerender } = renderHook(({ key }) => useQuery(key, load(key), { keepPrevious: true }), {
      initialProps: { key: 'a' },
    });
    await waitFor(() => expect(result.current.data).toBe('a'));
    rerender({ key: 'b' });
    expect(result.current.data).toBe('a');
    await act(async () => release('b'));
    expect(result.current.data).toBe('b');
  });
});
