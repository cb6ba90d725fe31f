#!/bin/sh
# Runs the pipelines and their cases on the real Logstash, in Docker.
#
#   ./logstash-pipelines/scripts/verify-docker.sh            syntax and options: logstash --config.test_and_exit
#   LFV=/path/to/logstash-filter-verifier  (same command)    and the cases, by Logstash-Filter-Verifier 2 in daemon mode
#
# LFV is a static Linux binary, made where Go is:
#   CGO_ENABLED=0 go install github.com/magnusbaeck/logstash-filter-verifier/v2@latest
# STACK_VERSION chooses the image (default 9.4.3). Files that end in .local.json are left out: they need a fixed clock or
# counter, lines of more than 64 KiB, several lines for one codec, or keys with brackets, which that tool does not have.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
image=logstash:${STACK_VERSION:-9.4.3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
chmod 755 "$work"

# Arguments of docker run: variables of the cases, then those given as NAME=value.
logstash() {
  set -- --rm --env-file "$here/cases/environment.env" \
    -e LOGSTASH_ELASTICSEARCH_PASSWORD=x -e LOGSTASH_ELASTICSEARCH_API_KEY=id:key -e LOGSTASH_PUSH_API_KEY=x \
    -e LOGSTASH_HTTP_PASSWORD=x -e LOGSTASH_ELASTICSEARCH_CA=/etc/ssl/certs/ca-certificates.crt \
    -v "$here/config/logstash.yml:/usr/share/logstash/config/logstash.yml:ro" \
    -v "$here/config/pipelines.yml:/usr/share/logstash/config/pipelines.yml:ro" \
    -v "$here/config/jvm.options:/usr/share/logstash/config/jvm.options:ro" \
    -v "$here/pipelines:/usr/share/logstash/pipelines:ro" \
    -v "$here/dictionaries:/usr/share/logstash/dictionaries:ro" \
    -v "$work:/verify" "$@"
  docker run "$@"
}

# The certificate must only be a file that exists: the image's own bundle, wherever it lies.
bundle='for f in /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/certs/ca-certificates.crt; do [ -f "$f" ] && export LOGSTASH_ELASTICSEARCH_CA="$f"; done'

for variant in password api-key; do
  echo "== configuration, LOGSTASH_ELASTICSEARCH=$variant"
  logstash -e LOGSTASH_ELASTICSEARCH=$variant -e LOGSTASH_PUSH=on --entrypoint sh "$image" -c \
    "$bundle; mkdir -p data/dead_letter_queue; exec bin/logstash --config.test_and_exit"
done

if [ -z "${LFV:-}" ]; then
  echo 'LFV is not set: the cases were not run.'
  exit 0
fi
cp "$LFV" "$work/lfv"
cp "$here/scripts/plugin-mocks.yaml" "$work/plugin-mocks.yaml"

# One group of cases: its suffix, and its variables as in the key `environment` of its files.
cases() {
  suffix=$1
  push=$2
  elasticsearch=$3
  tenant=$4
  echo "== cases: ${suffix:-all others}"
  rm -rf "$work/cases"
  mkdir -m 755 "$work/cases"
  for file in "$here"/cases/*.json; do
    name=$(basename "$file" .json)
    case $name in
      *.local) continue ;;
      *.*) [ "${name##*.}" = "$suffix" ] || continue ;;
      *) [ -z "$suffix" ] || continue ;;
    esac
    cp "$file" "$work/cases/"
  done
  # The tool reads pipelines.yml itself and knows no variables.
  sed -e 's|${LOGSTASH_ROOT:[^}]*}|/usr/share/logstash|' -e 's|${LOGSTASH_KAFKA:off}|on|' -e 's|${LOGSTASH_FILE:off}|on|' \
    -e "s|\${LOGSTASH_PUSH:off}|$push|" -e "s|\${LOGSTASH_ELASTICSEARCH:password}|$elasticsearch|" \
    "$here/config/pipelines.yml" >"$work/pipelines.yml"
  keep=SEISMOLOG_TENANT_SLUG,LOGSTASH_ELASTICSEARCH,LOGSTASH_PUSH,LOGSTASH_KAFKA,LOGSTASH_FILE
  logstash -e LOGSTASH_PUSH="$push" -e LOGSTASH_ELASTICSEARCH="$elasticsearch" -e SEISMOLOG_TENANT_SLUG="$tenant" \
    --entrypoint sh "$image" -c "
      /verify/lfv daemon start --logstash-path /usr/share/logstash/bin/logstash --keep-env $keep &
      daemon=\$!
      sleep 60
      /verify/lfv daemon run --pipeline /verify/pipelines.yml --pipeline-base / --testcase-dir /verify/cases \
        --plugin-mock /verify/plugin-mocks.yaml
      result=\$?
      kill \$daemon
      exit \$result"
}

cases '' off password acme
cases push on off acme
cases both on password acme
cases api-key off api-key acme
cases refused off password acme-eu
