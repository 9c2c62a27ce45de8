#!/usr/bin/env bash
# Hands every shell script of the tree to shellcheck: those that begin as one, whatever their name.
#   tests/style/shell_scripts.sh [FOLDER]
set -euo pipefail

root=${1:-$(dirname -- "$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")")}
mapfile -d '' scripts < <(find "$root" \
  \( -path "$root/.git" -o -path "$root/.build" \
     -o -path "$root/.cache" -o -path "$root/results" \) \
  -prune -o -type f -exec grep -lZE -m 1 '^#!.*[/ ](ba)?sh$' {} +)
printf 'checking %s\n' "${scripts[@]#"$root"/}"
shellcheck "${scripts[@]}"
