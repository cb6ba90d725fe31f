// Grafana gives the URL of the module at run time, so that chunks are found under a sub-path or a CDN too.
import amdModule from 'amd-module';

declare let __webpack_public_path__: string;

if (amdModule.uri) {
  __webpack_public_path__ = amdModule.uri.slice(0, amdModule.uri.lastIndexOf('/') + 1);
}
