#!/usr/bin/env bash
# The launcher and .ci/run, tried on a small project in a folder with spaces: builds once, builds
# again what changed and only that, passes arguments on, and says exactly what is missing. Where
# it would install, a false apt-get and a false sudo stand in; nothing is installed here.
set -euo pipefail

source_root=$(dirname -- "$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
home="$scratch/a trée, #1=1"
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
  mkdir -p "$home"/{harness,workloads,reports,tests/fuzz,.ci}
  cp "$source_root"/{seatrial,CMakePresets.json} "$home"
  cp "$source_root/.ci/run" "$home/.ci"
  cp "$source_root/tests/fuzz/run.sh" "$home/tests/fuzz"
  echo '// Reads histories: any bytes.' > "$home/tests/fuzz/history.cpp"
  echo '// Reads records: any bytes.' > "$home/tests/fuzz/record.cpp"
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
  for tool in bash env true readlink dirname sed sort paste mkdir grep find cat tail head tr rm mv \
    flock "$@"; do
    ln -s "$(PATH=$clean_path type -P "$tool")" "$scratch/bin/$tool"
  done
}

# An apt that offers exactly these packages, knows of all, and speaks as it is told to.
false_apt_cache() {
  false_tool apt-cache "[ \$1 = policy ] || exit 0
    word=Kandidat; [ \$LC_ALL != C ] || word=Candidate
    for name in $*; do [ \$2 != \$name ] || { echo \"  \$word: 1.2\"; exit; }; done
    echo \"  \$word: (none)\""
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

test_fuzz_targets_are_listed_and_their_names_checked() {
  launch 0 fuzz
  prints 'history    Reads histories: any bytes.'
  launch 3 fuzz hystory
  prints "no fuzz target is named 'hystory'; did you mean 'history'?"
  launch 3 fuzz nothing-like-it
  prints_not 'did you mean'
  prints 'targets are: history record'
  launch 3 fuzz record --for 10
  prints "--for takes a time such as 90s, 10m or 2h, not '10'"
  prints_not 'building'
  launcher="$home/tests/fuzz/run.sh" launch 1 test record 1
  prints 'is not built; type:'
}

test_works_from_anywhere_and_through_a_link() {
  ln -s "$home/seatrial" "$scratch/link"
  output=$(cd / && "$scratch/link" x) || true
  prints "two home=$home [x]"
}

test_a_moved_tree_builds_anew() {
  mv "$home" "$scratch/moved, #2=ü"
  home="$scratch/moved, #2=ü"
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

test_a_path_that_cannot_be_carried_is_refused() {
  local character before=$home
  for character in ';' ':' \\ '"' '$' '`'; do
    home="$scratch/bad${character}path"
    cp -r "$before" "$home"
    rm -rf "$home/.build"
    launch 4
    prints 'the path of this clone has one of'
    prints "bad${character}path"
    rm -r "$home"
  done
  home=$before
}

test_a_tree_that_cannot_be_written_says_why() {
  local owner
  owner=$(stat -c %U "$home")
  chmod -R a+rX "$scratch"
  if ((EUID == 0)); then # to whom modes mean nothing
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  else
    chmod -R a-w "$home"
  fi
  touch "$home/harness/main.cpp"
  launch 4
  prints "cannot write to $home/.build: Permission denied"
  prints "(owner: $owner)"
  prints "cp -r $(printf %q "$home") ~/seatrial"
  as=()
  chmod -R u+w "$home"
  launch 1 # and what is built runs for everybody
  ((EUID != 0)) || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  launch 1
  as=()
}

test_an_engine_inherits_nothing() {
  local open
  restrict_path setsid timeout sleep touch ls id
  # shellcheck disable=SC2016 # the false tools expand it
  {
    false_tool docker 'test -e "$FALSE_ENGINE"'
    false_tool docker-compose true
    false_tool dockerd 'ls -l /proc/self/fd /proc/self/cwd > "$FALSE_ENGINE.new"
      echo $$ > "$FALSE_ENGINE.pid"
      mv "$FALSE_ENGINE.new" "$FALSE_ENGINE"
      exec sleep 60'
    false_tool iptables true
  }
  sed -i "s|^engine=[^ ]*|engine='$scratch/e'|" "$home/seatrial"
  : > "$scratch/held"
  FALSE_ENGINE=$scratch/engine run_restricted 0 need engine 7> "$scratch/held" 23> "$scratch/held"
  prints 'DOCKER_HOST=unix://'
  open=$(cat "$scratch/engine")
  [[ $open != *"$scratch/held"* && $open != */users* ]] || fail "the engine has open: $open"
  [[ $open == *'cwd -> /'$'\n'* ]] || fail "the engine runs in: $open"
  # Nor does anybody who waits for it keep what the launcher had.
  flock -n "$scratch/e/lock" true || fail 'the lock is still held, so a second start would wait'
  flock -n -x "$scratch/e/users" true || fail 'the engine has a user that is gone'
  kill "$(cat "$scratch/engine.pid")"
}

test_java_is_probed_without_its_options() {
  restrict_path
  # shellcheck disable=SC2016 # the false tool expands it
  false_tool java 'test -z "$_JAVA_OPTIONS$JAVA_TOOL_OPTIONS$JDK_JAVA_OPTIONS" || exit 1
    echo "openjdk version \"17.0.1\"" >&2'
  JAVA_TOOL_OPTIONS=-Xbad _JAVA_OPTIONS=-Xbad JDK_JAVA_OPTIONS=-Xbad run_restricted 0 need java
  mkdir -p "$scratch/old/bin"
  # shellcheck disable=SC2016 # the false tool expands it
  false_tool ../old/bin/java 'echo "openjdk version \"11.0.1\"" >&2'
  false_tool apt-get 'exit 0'
  false_tool sudo 'shift; exec "$@"'
  JAVA_HOME=$scratch/old run_restricted 4 need java
  prints "needs a newer Java than the one that comes first: $scratch/old"
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
  false_apt_cache
  if ((EUID == 0)); then # who always may, so become nobody
    chown -R 65534:65534 "$scratch"
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  fi
  run_restricted 4
  prints 'apt has no list of any; type this, then start again:'
  prints_not 'apt-get install'
  false_apt_cache cmake g++ libboost-dev libboost-filesystem-dev
  run_restricted 4
  prints 'sudo apt-get update && sudo apt-get install -y --no-install-recommends cmake g++'
  prints ' libboost-dev libboost-filesystem-dev '
  as=()
}

test_installs_what_is_missing() {
  restrict_path dpkg id
  false_tool apt-get 'echo "apt-get $*"; exit 0'
  false_apt_cache libboost-dev
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
test_fuzz_targets_are_listed_and_their_names_checked
test_works_from_anywhere_and_through_a_link
test_a_moved_tree_builds_anew
test_a_broken_build_says_why_and_resumes
test_a_path_that_cannot_be_carried_is_refused
test_a_tree_that_cannot_be_written_says_why
test_an_engine_inherits_nothing
test_java_is_probed_without_its_options
test_without_apt
test_without_the_right_to_install
test_installs_what_is_missing
test_ci_refuses_skips
test_ci_shows_what_failed
echo 'launcher: all passed'
