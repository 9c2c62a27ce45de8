#!/usr/bin/env bash
# An installed Seatrial works from anywhere, for somebody who may not write where it lies: it builds
# nothing, keeps what it fetches in that user's cache, and says what it cannot do without sources.
#
#   installed_test.sh BUILD prefix     as `cmake --install` installs it
#   installed_test.sh BUILD package    as the Debian package does, which also is looked into
set -euo pipefail

build=$1
source_root=$(dirname -- "$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")")
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
user=$scratch/user # a folder of the user's, with home, cache and working directory
as=()

fail() {
  printf 'FAILED: %s\n--- output:\n%s\n' "$1" "${output-}" >&2
  exit 1
}

prints() { [[ $output == *"$1"* ]] || fail "does not print: $1"; }

# launch STATUS ARGUMENT...: as the user, whose environment says where caches go.
cache=(XDG_CACHE_HOME="$user/cache")
launch() {
  local wanted=$1 status=0
  shift
  output=$(cd "$user/here" && "${as[@]}" env -i HOME="$user/home" "${cache[@]}" \
    PATH="$prefix/bin:$scratch/tools:$PATH" seatrial "$@" 2>&1) || status=$?
  ((status == wanted)) || fail "exit code $status, not $wanted, of: seatrial $*"
}

# All below the prefix, with the times of the last change.
listing() { find "$prefix" -printf '%P %y %m %s %T@ %C@\n' | sort; }

install_prefix() {
  prefix="$scratch/a préfix"
  output=$(cmake --install "$build" --prefix "$prefix" 2>&1) || fail 'cmake --install fails'
}

install_package() {
  local packages
  output=$(cd "$build" && cpack -G DEB -B "$scratch/made" 2>&1) || fail 'cpack fails'
  packages=("$scratch"/made/*.deb)
  package=${packages[0]}
  dpkg-deb -x "$package" "$scratch/root"
  prefix=$scratch/root/usr
}

make_user() {
  local tool
  mkdir -p "$user"/{home,cache,here} "$scratch/tools"
  for tool in cmake ninja g++ cpack apt-get sudo; do
    printf '#!/bin/sh\necho "%s $*" >> "%s/called"\nexit 1\n' "$tool" "$user" \
      > "$scratch/tools/$tool"
  done
  chmod a+x "$scratch/tools"/*
  chmod a+rx "$scratch"
  if ((EUID == 0)); then # to whom modes mean nothing
    chown -R 65534:65534 "$user"
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  else
    chmod -R a-w "$prefix"
  fi
}

# A second of load on the mock, by lanes whose library is kept as a link in the cache.
write_scenario() {
  local library
  library=$(ldd "$prefix/libexec/seatrial/seatrial" | sed -n 's/.*librdkafka.* => \([^ ]*\).*/\1/p')
  cat > "$user/here/short.yaml" << END
name: short
cluster: {kind: mock, brokers: 1}
topics: {orders: {partitions: 2, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 500/s, client_library: $library}
phases: {warmup: {at_least: 300ms, at_most: 300ms}, measure: 1s}
END
}

kept_in() { compgen -G "$1/seatrial/$2" > /dev/null || fail "$1/seatrial has no $2"; }

test_comes_with_what_it_reads() {
  local file
  while IFS= read -r file; do
    [[ -s "$prefix/share/seatrial/${file#"$source_root"/}" ]] || fail "$file is not installed"
  done < <(find "$source_root"/{README.md,compose,scenarios} -type f)
  launch 0 validate "$prefix/share/seatrial/scenarios/quickstart.yaml"
  launch 0 validate "$prefix/share/seatrial/scenarios/engines.yaml"
}

test_runs() {
  launch 0 run short.yaml
  prints 'NO EVIDENCE ABOUT KAFKA'
  [[ -s $user/here/results/latest/report.html ]] || fail 'the run made no page'
  kept_in "$user/cache" 'client-file-*/librdkafka.so.1'
}

test_caches_lie_in_the_home_where_nothing_else_is_said() {
  local usual=("${cache[@]}") other
  for other in XDG_CACHE_HOME= XDG_CACHE_HOME=relative; do
    rm -rf "$user/home/.cache"
    cache=("$other")
    launch 0 validate short.yaml
    kept_in "$user/home/.cache" 'client-file-*/librdkafka.so.1'
  done
  cache=("${usual[@]}")
}

test_says_what_it_cannot_do() {
  local verb
  for verb in test fuzz bench package 'need build'; do
    # shellcheck disable=SC2086 # two words
    launch 4 $verb
    prints "$verb needs Seatrial's sources"
  done
}

# By a Java that is too old, and without the right to install.
test_still_answers_what_is_needed() {
  [[ ! -e $user/called ]] || fail "it called: $(< "$user/called")"
  printf '#!/bin/sh\necho "openjdk version \\"11.0.1\\"" >&2\n' > "$scratch/tools/java"
  chmod a+x "$scratch/tools/java"
  launch 4 need java
  prints 'a local broker needs more packages'
  kept_in "$user/cache" install.log
  [[ $(< "$user/called") == 'sudo -n true' ]] || fail "it called: $(< "$user/called")"
  cache=(XDG_CACHE_HOME=/proc/absent)
  launch 4 need java
  prints 'cannot write to /proc/absent/seatrial: No such file or directory'
  prints 'have XDG_CACHE_HOME name a folder of yours'
}

field() { dpkg-deb -f "$package" "$1"; }

test_package_says_what_it_needs() {
  local version
  version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")
  output=$(dpkg-deb -I "$package")
  [[ $(field Package) == seatrial && $(field Version) == "$version" ]] || fail 'name or version'
  [[ $(field Architecture) == "$(dpkg --print-architecture)" ]] || fail 'architecture'
  [[ $(field Depends) == *librdkafka1*libyaml-cpp* ]] || fail 'libraries'
  [[ $(field Depends) != *-dev* ]] || fail 'it needs what only builds need'
  [[ $(field Recommends) == 'openjdk-17-jre-headless | '*' | default-jre-headless, maven' ]] ||
    fail 'Java and Maven'
}

# Folders and programs as anybody may read and run them, all of root, nothing of the sources.
test_package_holds_what_it_should() {
  local strange
  output=$(dpkg-deb -c "$package")
  prints './usr/bin/seatrial -> ../share/seatrial/seatrial'
  strange=$(grep -vE '^(drwxr-xr-x|-rwxr-xr-x|-rw-r--r--|lrwxrwxrwx) root/root .* \./(usr/|$)' \
    <<< "$output" || true)
  [[ -z $strange ]] || fail "strange in it: $strange"
  [[ $output != *.cpp* && $output != */tests/launcher* ]] || fail 'it holds sources'
}

"install_$2"
make_user
write_scenario
before=$(listing)
test_comes_with_what_it_reads
test_runs
test_caches_lie_in_the_home_where_nothing_else_is_said
test_says_what_it_cannot_do
test_still_answers_what_is_needed
output=$(diff <(printf '%s\n' "$before") <(listing)) || fail 'it wrote where it lies'
[[ $2 != package ]] || {
  test_package_says_what_it_needs
  test_package_holds_what_it_should
}
echo "installed by $2: all passed"
