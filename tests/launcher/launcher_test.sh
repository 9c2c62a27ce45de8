#!/usr/bin/env bash
# The launcher and .ci/run, tried on a small project in a folder with spaces: builds once, builds
# again what changed and only that, passes arguments on, and says exactly what is missing. Where
# it would install, a false apt-get and a false sudo stand in; nothing is installed here.
set -euo pipefail

source_root=$(dirname -- "$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
home="$scratch/a tree"
clean_path=$PATH
as=() # what the launcher is run by

fail() {
  printf 'FAILED: %s\n--- output:\n%s\n' "$1" "${output-}" >&2
  exit 1
}

# launch STATUS ARGUMENT...: runs the launcher, keeps what it prints, compares its exit code.
launch() {
  local wanted=$1 status=0
  shift
  output=$("${as[@]}" "${launcher:-$home/seatrial}" "$@" 2>&1) || status=$?
  ((status == wanted)) || fail "exit code $status, not $wanted, of: seatrial $*"
}

prints() { [[ $output == *"$1"* ]] || fail "does not print: $1"; }
prints_not() { [[ $output != *"$1"* ]] || fail "prints: $1"; }

make_project() {
  mkdir -p "$home"/{harness,workloads,reports,tests,.ci}
  cp "$source_root"/{seatrial,CMakePresets.json} "$home"
  cp "$source_root/.ci/run" "$home/.ci"
  cat > "$home/CMakeLists.txt" << 'END'
cmake_minimum_required(VERSION 3.25)
project(small LANGUAGES CXX)
option(SEATRIAL_TESTS "" ON)
file(GLOB extra CONFIGURE_DEPENDS harness/extra*.cpp)
add_executable(seatrial harness/main.cpp ${extra})
if(SEATRIAL_TESTS)
  enable_testing()
  add_executable(seatrial_bench harness/main.cpp)
  set_target_properties(seatrial_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY tests)
  add_test(NAME "unit/passes" COMMAND true)
  add_test(NAME "unit/may fail" COMMAND sh -c "echo as it says; test ! -e fail"
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  add_test(NAME "unit/skips" COMMAND echo "seatrial: skipped: no reason")
  set_tests_properties("unit/skips" PROPERTIES SKIP_REGULAR_EXPRESSION "seatrial: skipped:")
  set_tests_properties("unit/passes" "unit/may fail" "unit/skips" PROPERTIES LABELS unit)
endif()
END
  cat > "$home/harness/main.cpp" << 'END'
#include <cstdio>
#include <cstdlib>
int main(int argc, char** argv) {
  std::printf("one home=%s", std::getenv("SEATRIAL_HOME"));
  for (int i = 1; i < argc; ++i) std::printf(" [%s]", argv[i]);
  return argc;
}
END
}

# A PATH with nothing but the named tools of this machine, and false ones from $scratch/bin.
restrict_path() {
  local tool
  rm -rf "${scratch:?}/bin"
  mkdir "$scratch/bin"
  for tool in bash env readlink dirname sed sort paste mkdir grep find cat tail head tr rm mv \
    flock "$@"; do
    ln -s "$(PATH=$clean_path command -v "$tool")" "$scratch/bin/$tool"
  done
}

false_tool() {
  printf '#!/bin/sh\n%s\n' "$2" > "$scratch/bin/$1"
  chmod +x "$scratch/bin/$1"
}

# The launcher adds /usr/sbin and /sbin, where nothing that it probes for may be found.
run_restricted() { PATH=$scratch/bin launch "$@"; }

test_builds_once_and_passes_arguments_on() {
  launch 3 run 'a file.yaml'
  prints 'building the first time'
  prints "one home=$home [run] [a file.yaml]"
  launch 3 run again
  prints_not 'building'
}

test_builds_what_changed() {
  sed -i 's/one home/two home/' "$home/harness/main.cpp"
  touch -d '2001-01-01' "$home/harness/main.cpp"
  launch 1
  prints 'building what changed'
  prints 'two home'
  echo 'static_assert(true);' > "$home/harness/extra.cpp"
  launch 1
  prints 'building what changed'
  rm "$home/harness/extra.cpp"
  launch 1
  prints 'building what changed'
  launch 1
  prints_not 'building'
}

test_benchmarks_are_chosen_by_name() {
  PATH=$clean_path launch 4 bench pacer --json --benchmark_min_time=1
  prints '[--benchmark_filter=pacer] [--benchmark_format=json] [--benchmark_min_time=1]'
}

test_works_from_anywhere_and_through_a_link() {
  ln -s "$home/seatrial" "$scratch/link"
  output=$(cd / && "$scratch/link" x) || true
  prints "two home=$home [x]"
}

test_a_moved_tree_builds_anew() {
  mv "$home" "$scratch/moved tree"
  home="$scratch/moved tree"
  launch 1
  prints 'building the first time'
  prints "two home=$home"
}

test_a_broken_build_says_why_and_resumes() {
  mv "$home/harness/main.cpp" "$scratch/good.cpp"
  echo 'int main() { return missing_name; }' > "$home/harness/main.cpp"
  launch 4
  prints 'missing_name'
  prints "the build failed (log: $home/.build/build.log)"
  launch 4
  mv "$scratch/good.cpp" "$home/harness/main.cpp"
  launch 1
  prints 'two home'
}

test_without_apt() {
  restrict_path
  rm "$home/.build/release.built"
  run_restricted 4
  prints 'building Seatrial needs what Debian 12 calls cmake g++'
  prints 'This system has no apt-get: install their counterparts, then start again.'
}

test_without_the_right_to_install() {
  restrict_path setpriv
  false_tool apt-get 'exit 1'
  false_tool sudo 'exit 1'
  if ((EUID == 0)); then # who always may, so become nobody
    chown -R 65534:65534 "$scratch"
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  fi
  run_restricted 4
  prints 'sudo apt-get update && sudo apt-get install -y --no-install-recommends cmake g++'
  as=()
}

test_installs_what_is_missing() {
  restrict_path dpkg id
  false_tool apt-get 'echo "apt-get $*"; exit 0'
  # shellcheck disable=SC2016 # the false tool expands it
  false_tool apt-cache 'for last; do :; done; test "$last" = libboost-dev'
  false_tool sudo 'shift; exec "$@"'
  run_restricted 4
  prints "installing what building Seatrial needs, up to three minutes"
  prints 'needs newer packages than this system has'
  output=$(cat "$home/.build/install.log")
  prints '--no-remove cmake g++'
  prints ' libboost-dev libboost-filesystem1.81-dev '
  prints_not '|'
}

test_ci_refuses_skips() {
  local status=0
  PATH=$clean_path launch 0 test unit
  echo '# none' > "$home/tests/allowed-skips.txt"
  launcher="$home/.ci/run" launch 1 unit
  prints 'ci: skipped, but not allowed to be: unit/skips'
  [[ $output == *'100% tests passed, 0 tests failed out of 3'* ]] || fail 'no summary at the end'
  echo 'unit/skips | this machine has no reason' > "$home/tests/allowed-skips.txt"
  launcher="$home/.ci/run" launch 0 unit
  echo 'unit/compose | not allowed at all' >> "$home/tests/allowed-skips.txt"
  launcher="$home/.ci/run" launch 1 unit
  prints 'ci: tests with containers may not be skipped: unit/compose'
  prints 'ci: tests/allowed-skips.txt names no test that ran: unit/compose'
}

test_ci_shows_what_failed() {
  echo 'unit/skips | this machine has no reason' > "$home/tests/allowed-skips.txt"
  touch "$home/fail"
  launcher="$home/.ci/run" launch 1 unit
  rm "$home/fail"
  local end=${output#*ci: what the failed tests printed:}
  [[ $end == *'unit/may fail'*'as it says'*'ci: FAILED'* ]] ||
    fail 'does not repeat what the failed test printed'
  [[ $end != *'no reason'* ]] || fail 'repeats too much'
}

unset CI
make_project
test_builds_once_and_passes_arguments_on
test_builds_what_changed
test_benchmarks_are_chosen_by_name
test_works_from_anywhere_and_through_a_link
test_a_moved_tree_builds_anew
test_a_broken_build_says_why_and_resumes
test_without_apt
test_without_the_right_to_install
test_installs_what_is_missing
test_ci_refuses_skips
test_ci_shows_what_failed
echo 'launcher: all passed'
