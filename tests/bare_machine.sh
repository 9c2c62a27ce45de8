#!/usr/bin/env bash
# Shows that a bare machine suffices: makes a minimal Debian root, copies this tree in and runs
# there what the README tells a new user to type, with local brokers only.
#
#   sudo tests/bare_machine.sh [12|13] [FOLDER]   12 by default; FOLDER (default: a new one in
#                                                 /var/tmp) is kept, so that a second try goes on
#                                                 where the first one ended
#   SKIP_TESTS=1 ...                              the two runs only
#   PACKAGE=.build/package/FILE.deb ...           no tree: installs that package with what it asks
#                                                 for and recommends, and runs as a user twice; the
#                                                 release must be that on which it was made
#
# Needs root, mmdebstrap and the network. The new root gets this machine's package sources for
# Debian, told of the release, and its certificate authorities, names and proxies, and nothing else
# of it. Not part of ctest: it takes minutes and says something about the machine's surroundings
# too. It removes nothing.
set -euo pipefail

source_root=$(dirname -- "$(dirname -- "$(readlink -f -- "$0")")")
declare -A releases=([12]=bookworm [13]=trixie)
release=12
if [[ -v "releases[${1-}]" ]]; then
  release=$1
  shift
fi
suite=${releases[$release]}
place=${1:-$(mktemp -d "/var/tmp/seatrial-bare-$release.XXXXXX")}
bare=$place/root
tree=/home/new/a\ clone # with a space, as users have them

say() { printf 'bare machine: %s\n' "$*" >&2; }

# The proxies of this shell, as `env` takes them.
proxies() { env | grep -iE '^(https?|no|all)_proxy=' || true; }

# This machine's sources for Debian itself, of the release that is wanted; what others offer has
# no place on a bare machine. Below $place; their names are printed.
debian_sources() {
  local file copy codename
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  mkdir -p "$place/sources"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
    [[ -s $file ]] || continue
    copy=$place/sources/${file##*/}
    sed "s/\b$codename\b/$suite/g" "$file" > "$copy"
    printf '%s\n' "$copy"
  done
}

make_root() {
  local sources options=() proxy
  mapfile -t sources < <(debian_sources)
  ((${#sources[@]})) || {
    say 'this machine names no package source for Debian in /etc/apt'
    exit 1
  }
  proxy=${http_proxy-${HTTP_PROXY-}}
  [[ -z $proxy ]] || options+=("--aptopt=Acquire::http::Proxy \"$proxy\"")
  say "making a minimal root of Debian $release in $bare"
  mmdebstrap --variant=apt --include=ca-certificates "${options[@]}" \
    --aptopt='Acquire::Check-Valid-Until "false"' "$suite" "$bare" "${sources[@]}"
}

copy_surroundings() {
  local file
  mkdir -p "$bare/usr/local/share/ca-certificates" "$bare/root/.m2"
  for file in /usr/local/share/ca-certificates/*.crt; do
    [[ ! -e $file ]] || cp "$file" "$bare/usr/local/share/ca-certificates/"
  done
  for file in /etc/resolv.conf /etc/hosts; do
    rm -f "$bare$file"
    cp -L "$file" "$bare$file"
  done
  [[ ! -e ~/.m2/settings.xml ]] || cp ~/.m2/settings.xml "$bare/root/.m2/"
  chroot "$bare" update-ca-certificates > /dev/null
}

copy_tree() {
  tar -C "$source_root" --exclude=./.git --exclude=./.build --exclude=./.cache \
    --exclude=./results -cf - . | tar -C "$bare$tree" -xf -
}

# inside COMMAND: in the root, as process 1 of its own processes, so that nothing outlives it.
inside() {
  local environment
  mapfile -t environment < <(proxies)
  # shellcheck disable=SC2016 # the inner shell expands it
  unshare --mount --pid --fork --kill-child bash -euc '
    mount --make-rprivate /
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    mountpoint -q "$1/dev/shm" || mount -t tmpfs tmpfs "$1/dev/shm"
    mount -t tmpfs tmpfs "$1/tmp"
    exec chroot "$@"' inside "$bare" \
    env -i HOME=/root TERM=dumb PATH=/usr/sbin:/usr/bin:/sbin:/bin "${environment[@]}" \
    bash -euc "cd '$tree'; $1"
}

# The runs of a user who finds the package installed.
run_package() {
  cp "$PACKAGE" "$bare/root/seatrial.deb"
  say "installing $PACKAGE"
  SECONDS=0
  inside 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
    /root/seatrial.deb > /root/install.log && { id new > /dev/null 2>&1 || useradd -m new; }
    [[ ! -e /root/.m2/settings.xml ]] || install -D -o new -m 600 /root/.m2/settings.xml \
      /home/new/.m2/settings.xml
    chown new: /home/new /home/new/.m2 2> /dev/null || true'
  say "that took $SECONDS s"
  for _ in 1 2; do
    SECONDS=0
    inside 'cd /home/new && exec setpriv --reuid=new --regid=new --init-groups env HOME=/home/new \
      seatrial run /usr/share/seatrial/scenarios/quickstart.yaml --cluster local'
    say "that took $SECONDS s"
  done
}

((EUID == 0)) || {
  say "needs root; type: sudo $0"
  exit 1
}
mkdir -p "$place"
[[ -e $bare/etc/debian_version ]] || make_root
copy_surroundings
mkdir -p "$bare$tree"
[[ -z ${PACKAGE-} ]] || {
  run_package
  exit
}
copy_tree
say 'running: ./seatrial run scenarios/quickstart.yaml'
SECONDS=0
inside './seatrial run scenarios/quickstart.yaml --cluster local'
say "that took $SECONDS s, with all it installed and built; once more"
SECONDS=0
inside './seatrial run scenarios/quickstart.yaml --cluster local'
say "that took $SECONDS s"
[[ -z ${SKIP_TESTS-} ]] || exit 0
say 'running: ./seatrial test, without the tests that need containers'
SECONDS=0
inside './seatrial test no-containers'
say "that took $SECONDS s; all passed; remove $place when you have seen enough"
