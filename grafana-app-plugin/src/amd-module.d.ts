/** The `module` dependency of an AMD module; webpack leaves it to the loader. */
declare module 'amd-module' {
  const amdModule: { uri?: string };
  export default amdModule;
}
