#!/bin/sh
# Installs sandbox-agent, one file, for this user:
#
#   curl -fsSL <address of this file> | sh
#   sh install.sh [--version 1.2.3] [--dir ~/.local/bin]
#
# It needs curl or wget, and no root. SANDBOX_AGENT_BASE_URL says from where releases come: a folder
# per version, and `latest`, each with the files and their SHA256SUMS.
set -eu

# The one place that says where releases are. There is no public release host yet.
BASE_URL=${SANDBOX_AGENT_BASE_URL:-}

VERSION=latest
DIR=${SANDBOX_AGENT_BIN_DIR:-${HOME:?HOME is not set}/.local/bin}

say() { printf '%s\n' "$*"; }
fail() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

while [ $# -gt 0 ]; do
  case $1 in
    --version | --dir)
      [ $# -gt 1 ] || fail "$1 needs a value"
      if [ "$1" = --dir ]; then DIR=$2; else VERSION=$2; fi
      shift
      ;;
    --version=*) VERSION=${1#*=} ;;
    --dir=*) DIR=${1#*=} ;;
    -h | --help)
      say "usage: install.sh [--version <version>] [--dir <folder>]"
      exit 0
      ;;
    *) fail "unknown option $1: --version <version> and --dir <folder> are known" ;;
  esac
  shift
done

# What libc this system's own programs use: the loader that /bin/sh names stands near its beginning.
# A loader that merely lies in /lib may have been installed besides.
libc() {
  loader=$(head -c 4096 /bin/sh | tr -c '[:print:]' '\n' | grep -m 1 '/ld-') || loader=
  case $loader in
    *ld-musl-*) echo musl ;;
    *ld-linux*) echo glibc ;;
    *) if [ -e "/lib/ld-musl-$(uname -m).so.1" ]; then echo musl; else echo glibc; fi ;;
  esac
}

# The name of this platform's file, without what it is packed with.
platform() {
  os=$(uname -s)
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) cpu=x64 ;;
    aarch64 | arm64) cpu=arm64 ;;
    *) fail "there is no build for the CPU $machine: only for x64 and arm64" ;;
  esac
  case $os in
    Linux)
      name=linux-$cpu
      if [ "$(libc)" = musl ]; then name=$name-musl; fi
      if [ $cpu = x64 ] && ! grep -qw avx2 /proc/cpuinfo; then name=$name-baseline; fi
      ;;
    Darwin)
      # A shell under Rosetta says x86_64 on Apple silicon.
      if [ "$(sysctl -n hw.optional.arm64 2>/dev/null)" = 1 ]; then cpu=arm64; fi
      name=darwin-$cpu
      ;;
    *) fail "there is no build for $os: only for Linux and macOS; on Windows use WSL" ;;
  esac
  echo "$name"
}

# Alpine brings none of what a C++ program needs.
require_libraries() {
  for library in /usr/lib/libstdc++.so.6 /lib/libstdc++.so.6 /usr/lib/*/libstdc++.so.6; do
    if [ -e "$library" ]; then return; fi
  done
  fail "libstdc++ is missing, which the musl build needs: apk add libstdc++ (which brings libgcc)"
}

download() {
  if has curl; then
    curl -fsSL --retry 2 --connect-timeout 20 -o "$2" "$1"
  elif has wget; then
    # Some builds of busybox crash when they are given a time limit.
    case $(wget --version 2>&1) in
      *GNU*) wget -q -T 20 -O "$2" "$1" ;;
      *) wget -q -O "$2" "$1" ;;
    esac
  else
    fail "neither curl nor wget is here: install one of them"
  fi
}

sha256() {
  if has sha256sum; then
    sha256sum "$1"
  elif has shasum; then
    shasum -a 256 "$1"
  elif has openssl; then
    openssl dgst -sha256 -r "$1"
  else
    fail "nothing here reckons SHA-256 sums: install sha256sum, shasum or openssl"
  fi | cut -d ' ' -f 1
}

main() {
  [ -n "$BASE_URL" ] ||
    fail "there is no public release host yet: set SANDBOX_AGENT_BASE_URL to yours"
  name=$(platform)
  case $name in *-musl*) require_libraries ;; esac
  packed=gz
  if has xz; then packed=xz; elif ! has gzip; then fail "neither xz nor gzip is here"; fi
  file=sandbox-agent-$name.$packed
  from=${BASE_URL%/}/$VERSION

  made=
  if [ ! -d "$DIR" ]; then made=$DIR; fi
  mkdir -p "$DIR" 2>/dev/null || fail "cannot make the folder $DIR: name another with --dir"
  # Beside its place: so that the new file takes the place of the old one at once.
  work=$(mktemp -d "$DIR/.sandbox-agent-XXXXXX" 2>/dev/null) ||
    fail "cannot write to $DIR: name another folder with --dir"
  # A folder that was made for nothing goes again; one with something in it stays.
  trap 'rm -rf "$work"; [ -z "$made" ] || rmdir "$made" 2>/dev/null || :' EXIT
  trap 'exit 1' HUP INT TERM

  say "Downloading sandbox-agent ($VERSION, $name)"
  download "$from/SHA256SUMS" "$work/sums" || fail "cannot download $from/SHA256SUMS"
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$file\$/\1/p" "$work/sums")
  [ -n "$expected" ] || fail "$VERSION has no file for this platform: $file"
  download "$from/$file" "$work/$file" || fail "cannot download $from/$file"
  [ "$(sha256 "$work/$file")" = "$expected" ] ||
    fail "$file is not what SHA256SUMS promises: it was altered, or the download broke off"
  if [ $packed = xz ]; then xz -d "$work/$file"; else gzip -d "$work/$file"; fi
  program=$work/sandbox-agent-$name
  chmod 755 "$program"
  found=$("$program" --version) || fail "the file that was downloaded does not run here: $found"
  mv -f "$program" "$DIR/sandbox-agent"

  say "Installed $found as $DIR/sandbox-agent"
  case :$PATH: in
    *":$DIR:"*) command=sandbox-agent ;;
    *)
      command=$DIR/sandbox-agent
      say "$DIR is not on your PATH. To have it there:"
      say "  export PATH=\"$DIR:\$PATH\""
      ;;
  esac
  say "Try it:"
  say "  $command server --no-token"
}

main
