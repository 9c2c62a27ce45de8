#!/usr/bin/env bash
# Runs the fuzz targets that .build/fuzz has; `./seatrial fuzz` builds them and then comes here.
#
#   tests/fuzz/run.sh list                 the targets, and what each holds
#   tests/fuzz/run.sh test NAME SECONDS    from the kept corpus alone, as ctest does
#   tests/fuzz/run.sh long NAME [10m]      goes on where the last one ended, in results/fuzz/NAME
#   tests/fuzz/run.sh replay NAME FILE...  these inputs once
#   tests/fuzz/run.sh require NAME | seconds 10m   whether there is such a target, such a time
#
# Leaves with 1 and the input's path where a property did not hold or a reader crashed, took more
# than a minute or too much memory; with 3 where it was called wrongly.
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
root=$(dirname -- "$(dirname -- "$here")")
programs=$root/.build/fuzz/tests/fuzz
limits=(-timeout=60 -rss_limit_mb=2048 -malloc_limit_mb=1024)

misuse() {
  printf 'seatrial: %s\n' "$@" >&2
  exit 3
}

names() {
  local source
  for source in "$here"/*.cpp; do basename -- "$source" .cpp; done
}

list() {
  local name
  for name in $(names); do
    printf '%-10s ' "$name"
    # The first sentence of the source's first lines.
    sed -n '/^\/\//!q; s/^\/\/ //p' "$here/$name.cpp" | paste -sd ' ' | sed 's/\. .*/./'
  done
}

# The name that takes the fewest changes of letters, if those are few.
nearest() {
  names | awk -v wrong="$1" '
    function least(a, b) { return a < b ? a : b }
    {
      for (j = 0; j <= length($0); ++j) row[j] = j
      for (i = 1; i <= length(wrong); ++i) {
        before = row[0]
        row[0] = i
        for (j = 1; j <= length($0); ++j) {
          change = before + (substr(wrong, i, 1) != substr($0, j, 1))
          before = row[j]
          row[j] = least(change, least(row[j], row[j - 1]) + 1)
        }
      }
      if (best == "" || row[length($0)] < fewest) { best = $0; fewest = row[length($0)] }
    }
    END { if (fewest <= 3) print best }'
}

require_target() {
  local near
  [[ ! -e $here/$1.cpp ]] || return 0
  near=$(nearest "$1")
  [[ -z $near ]] || near="; did you mean '$near'?"
  misuse "no fuzz target is named '$1'$near" "targets are: $(names | paste -sd ' ')"
}

require_program() {
  [[ -x $programs/$1 ]] || {
    printf 'seatrial: %s is not built; type: %s fuzz %s\n' \
      "$programs/$1" "$root/seatrial" "$1" >&2
    exit 1
  }
}

seconds_of() {
  [[ $1 =~ ^([1-9][0-9]{0,5})(s|m|h)$ ]] ||
    misuse "--for takes a time such as 90s, 10m or 2h, not '$1'"
  case ${BASH_REMATCH[2]} in
    s) echo "${BASH_REMATCH[1]}" ;;
    m) echo $((BASH_REMATCH[1] * 60)) ;;
    h) echo $((BASH_REMATCH[1] * 3600)) ;;
  esac
}

# The folders that a target begins with: its own, and files that the tree has anyway.
corpus() {
  [[ ! -d $here/corpus/$1 ]] || echo "$here/corpus/$1"
  case $1 in
    scenario) printf '%s\n' "$root/scenarios" "$root/tests/golden/scenario" ;;
    history) echo "$root/tests/golden/check" ;;
  esac
}

# fuzz NAME FOLDER SECONDS [OPTION...]: new inputs go to FOLDER/inputs, what fails to FOLDER.
fuzz() {
  local name=$1 folder=$2 seconds=$3 seeds status=0
  shift 3
  mapfile -t seeds < <(corpus "$name")
  mkdir -p "$folder/inputs"
  touch "$folder/began"
  "$programs/$name" "${limits[@]}" -max_total_time="$seconds" -print_final_stats=1 "$@" \
    -artifact_prefix="$folder/" "$folder/inputs" "${seeds[@]}" || status=$?
  ((status != 0)) || return 0
  printf '\nseatrial: the fuzz target %s failed; to read its input again, type:\n' "$name"
  find "$folder" -maxdepth 1 -type f -newer "$folder/began" -exec \
    printf '%q fuzz %s %q\n' "$root/seatrial" "$name" {} \;
  return 1
}

case ${1-} in
  list) list ;;
  require) require_target "$2" ;;
  seconds) seconds_of "$2" ;;
  test)
    require_target "$2"
    require_program "$2"
    folder=$root/.build/fuzz/found/$2
    rm -rf "$folder"
    fuzz "$2" "$folder" "$3" -seed=1
    ;;
  long)
    require_target "$2"
    seconds=$(seconds_of "${3-10m}")
    require_program "$2"
    fuzz "$2" "$root/results/fuzz/$2" "$seconds"
    ;;
  replay)
    require_target "$2"
    require_program "$2"
    "$programs/$2" "${limits[@]}" "${@:3}"
    ;;
  *) misuse 'tests/fuzz/run.sh list, test, long, replay, require or seconds' ;;
esac
