// One-shot, in the image of the backend: the log source that reads what Logstash writes. May run at every start.
import { readFileSync } from 'node:fs';

const { SEISMOLOG_API_URL, SEISMOLOG_API_KEY_FILE, SEISMOLOG_TENANT_SLUG } = process.env;
const source = {
  name: 'logstash',
  source_type: 'elasticsearch',
  connection_config: { index: `logs-${SEISMOLOG_TENANT_SLUG}-2*`, preset: 'seismolog' },
};

const answer = await fetch(`${SEISMOLOG_API_URL}/api/v1/log-sources`, {
  method: 'POST',
  headers: {
    authorization: `Bearer ${readFileSync(SEISMOLOG_API_KEY_FILE, 'utf8').trim()}`,
    'content-type': 'application/json',
  },
  body: JSON.stringify(source),
});
// A source of this name is left as it is: somebody may have changed it.
if (answer.status === 201) console.log(`Log source ${source.name} reads ${source.connection_config.index}.`);
else if (answer.status === 409) console.log(`Log source ${source.name} is there already.`);
else {
  console.error(`The API answered ${answer.status}: ${await answer.text()}`);
  process.exitCode = 1;
}
