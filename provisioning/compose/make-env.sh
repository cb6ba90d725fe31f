#!/bin/sh
# Writes .env (mode 600) from .env.example, with a random value for each password and key.
# usage: ./provisioning/compose/make-env.sh [FILE]     FILE is .env in the root of the repository, if not given
set -eu
umask 077
root=$(cd "$(dirname "$0")/../.." && pwd)
target=${1:-$root/.env}
if [ -e "$target" ]; then
  echo "$target exists and is left as it is: its passwords belong to the data in the volumes." >&2
  exit 1
fi

# Hexadecimal, because they become part of URLs and of files that have quoting rules of their own.
password() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }

while IFS= read -r line || [ -n "$line" ]; do
  case $line in
    *_PASSWORD=) printf '%s%s\n' "$line" "$(password)" ;;
    *_SECRET_KEY=) printf '%s%s\n' "$line" "$(key)" ;;
    *) printf '%s\n' "$line" ;;
  esac
done <"$root/.env.example" >"$target.$$"
mv "$target.$$" "$target"
echo "Wrote $target. Keep a copy: without SEISMOLOG_SECRET_KEY the secrets of integrations can not be read."
