#!/usr/bin/env bash
# Runs a scenario with several client libraries, every variant with each of them, and prints which
# verdicts they gave. It may be stopped at any time: called again, it goes on with what it lacks.
#
#   tests/libraries.sh run SEATRIAL FOLDER SCENARIO   FOLDER keeps the runs; without it, all is anew
#   tests/libraries.sh table FOLDER                   of all runs below it: library x scenario
#
# A workload that names a library itself keeps it, and one with `engine: wire` has none.
# SEATRIAL_CLUSTER: the kind of cluster, local unless told. Ends with the run's exit code.
set -euo pipefail

libraries='2.0.2, 2.8.0, 2.16.0'

# Names of the scenario's workloads that take the library.
workloads() {
  "$1" plan "$2" --format json 2> /dev/null | python3 -c '
import json, sys
for workload in json.load(sys.stdin)["trials"][0]["workloads"]:
    if "client_library" in workload or workload["options"].get("engine") == "wire": continue
    print(workload["name"])'
}

run() {
  local seatrial=$1 folder scenario=$3 names name
  folder=$2/$(basename "$scenario" .yaml)
  local arguments=("$scenario" --cluster "${SEATRIAL_CLUSTER:-local}" --out "$folder"
    --set "matrix.library=[$libraries]")
  names=$(workloads "$seatrial" "$scenario")
  for name in $names; do
    # shellcheck disable=SC2016 # the scenario puts the axis in, not this shell
    arguments+=(--set "workloads.$name.client_library=\${library}")
  done
  [[ ! -e $folder/latest ]] || arguments+=(--resume "$folder/latest")
  "$seatrial" run "${arguments[@]}"
}

table() {
  python3 - "$1" << 'END'
import glob, json, os, sys
rows, libraries = {}, []
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*", "latest", "run.json"))):
    record = json.load(open(path))
    scenario = path.split(os.sep)[-3]
    for variant in record["variants"]:
        axes = {key: str(value) for key, value in variant["axes"].items()}
        library = axes.pop("library", "?")
        if library not in libraries: libraries.append(library)
        row = " ".join([scenario] + [key + "=" + value for key, value in axes.items()])
        rows.setdefault(row, {})[library] = variant["verdict"].upper()
width = max([len(row) for row in rows] + [len("scenario")])
print("scenario".ljust(width), *[library.ljust(8) for library in libraries])
for row, verdicts in rows.items():
    cells = [verdicts.get(library, "-").ljust(8) for library in libraries]
    print(row.ljust(width), *cells, "" if len(set(verdicts.values())) < 2 else "not alike")
END
}

case ${1-} in
  run) run "${@:2}" ;;
  table) table "$2" ;;
  *)
    sed -n 's/^#   //p' "$0" >&2
    exit 3
    ;;
esac
