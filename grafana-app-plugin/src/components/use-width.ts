import { useCallback, useRef, useState } from 'react';

/** Width in px of the element that gets the ref; `initial` until it is measured. */
export function useWidth<T extends HTMLElement>(initial: number): [(element: T | null) => void, number] {
  const [width, setWidth] = useState(initial);
  const observer = useRef<ResizeObserver | null>(null);
  const ref = useCallback((element: T | null) => {
    observer.current?.disconnect();
    if (element) {
      const measure = () => element.clientWidth > 0 && setWidth(element.clientWidth);
      observer.current = new ResizeObserver(measure);
      observer.current.observe(element);
      measure();
    }
  }, []);
  return [ref, width];
}
