// The code editor of @grafana/ui is half of the bundle, and no page of the plugin shows one.
export default {};
export const editor = {};
export const languages = {};
export const loader = {
  config() {},
  init: () => Promise.reject(new Error('The preview host has no code editor')),
};
