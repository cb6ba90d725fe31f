// The output of create-plugin's webpack config (AMD, externals, SRI, placeholders) without its TypeScript loader chain.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import CopyWebpackPlugin from 'copy-webpack-plugin';
import { SubresourceIntegrityPlugin } from 'webpack-subresource-integrity';

const root = path.dirname(fileURLToPath(import.meta.url));
const src = path.join(root, 'src');
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const { id } = JSON.parse(fs.readFileSync(path.join(src, 'plugin.json'), 'utf8'));

// SOURCE_DATE_EPOCH makes a build reproducible.
const buildTime = process.env.SOURCE_DATE_EPOCH ? Number(process.env.SOURCE_DATE_EPOCH) * 1000 : Date.now();
const placeholders = {
  '%VERSION%': version,
  '%TODAY%': new Date(buildTime).toISOString().slice(0, 10),
  '%PLUGIN_ID%': id,
};
const fillPlaceholders = (content) =>
  Object.entries(placeholders).reduce(
    (text, [key, value]) => text.replaceAll(key, value),
    content.toString(),
  );

export default (env = {}) => ({
  mode: env.production ? 'production' : 'development',
  devtool: env.production ? 'source-map' : 'eval-source-map',
  context: src,
  entry: { module: './module.tsx' },
  cache: { type: 'filesystem', cacheDirectory: path.join(root, '.cache/webpack') },
  externals: [
    { 'amd-module': 'module' },
    'lodash',
    'moment',
    '@emotion/css',
    '@emotion/react',
    'react',
    'react/jsx-runtime',
    'react/jsx-dev-runtime',
    'react-dom',
    'react-router',
    'rxjs',
    'i18next',
    /^@grafana\/(ui|runtime|data)/i,
  ],
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        exclude: /node_modules/,
        use: {
          loader: 'swc-loader',
          options: {
            jsc: {
              target: 'es2022',
              parser: { syntax: 'typescript', tsx: true },
              transform: { react: { runtime: 'automatic' } },
            },
          },
        },
      },
      { test: /\.(png|svg)$/, type: 'asset/resource' },
    ],
  },
  output: {
    clean: true,
    filename: '[name].js',
    chunkFilename: env.production ? '[name].js?_cache=[contenthash]' : '[name].js',
    library: { type: 'amd' },
    path: path.join(root, 'dist'),
    publicPath: `public/plugins/${id}/`,
    uniqueName: id,
    crossOriginLoading: 'anonymous',
  },
  plugins: [
    new CopyWebpackPlugin({
      patterns: [
        { from: 'plugin.json', to: '.', transform: fillPlaceholders },
        { from: '../README.md', to: '.', transform: fillPlaceholders },
        { from: '../CHANGELOG.md', to: '.' },
        { from: '../../LICENSE', to: '.' },
        { from: 'img/**/*', to: '.' },
      ],
    }),
    ...(env.production ? [new SubresourceIntegrityPlugin({ hashFuncNames: ['sha256'] })] : []),
  ],
  resolve: { extensions: ['.js', '.ts', '.tsx'] },
  performance: { hints: false },
  stats: 'errors-warnings',
});
