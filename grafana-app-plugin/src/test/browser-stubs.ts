// What jsdom lacks and @grafana/ui, uPlot and floating-ui ask for.
const nothing = () => undefined;
class Observer {
  observe = nothing;
  unobserve = nothing;
  disconnect = nothing;
  takeRecords = () => [];
}
class Path {
  moveTo = nothing;
  lineTo = nothing;
  arc = nothing;
  rect = nothing;
  closePath = nothing;
}
const canvasContext = new Proxy(
  {},
  { get: (_target, name) => (name === 'measureText' ? () => ({ width: 10 }) : nothing), set: () => true },
);
Object.assign(globalThis, {
  matchMedia: () => ({
    matches: false,
    addListener: nothing,
    removeListener: nothing,
    addEventListener: nothing,
    removeEventListener: nothing,
  }),
  ResizeObserver: Observer,
  IntersectionObserver: Observer,
  Path2D: Path,
});
HTMLCanvasElement.prototype.getContext = (() =>
  canvasContext) as unknown as typeof HTMLCanvasElement.prototype.getContext;

export {};
