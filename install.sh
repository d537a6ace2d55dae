#!/bin/sh
# Installs sandbox-agent, one file, for this user:
#
#   curl --proto '=https' --proto-redir '=https' -fsSL <address of this file> | sh
#   sh install.sh [--version 1.2.3] [--dir ~/.local/bin]
#
# It needs curl or wget, and no root. SANDBOX_AGENT_BASE_URL names the host of releases by https: a
# folder per version, and `latest`, each with the files and their SHA256SUMS. These sums come from the
# same host. SANDBOX_AGENT_SHA256 pins the sum of the packed file, or several sums with spaces between.
set -eu
# Only the owner may write to what is made here.
umask go-w

# The one place that says where releases are. There is no public release host yet.
BASE_URL=${SANDBOX_AGENT_BASE_URL:-}
PINNED=${SANDBOX_AGENT_SHA256:-}

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

# Whether the base URL is this machine itself. There http is safe, and no proxy is used.
is_loopback() {
  case $BASE_URL in http://*) base=${BASE_URL#http://} ;; *) return 1 ;; esac
  authority=${base%%[/?#]*}
  case $authority in
    '[::1]' | localhost) return 0 ;;
    '[::1]:'* | localhost:*) base_port=${authority##*:} base_host=localhost ;;
    127.*:*) base_port=${authority##*:} base_host=${authority%:*} ;;
    127.*) base_port=80 base_host=$authority ;;
    *) return 1 ;;
  esac
  case $base_port in '' | *[!0-9]*) return 1 ;; esac
  # Only digits and dots: 127.example.com is another machine.
  case $base_host in localhost) ;; *[!0-9.]*) return 1 ;; esac
}

require_safe_base() {
  case $BASE_URL in
    *[[:space:][:cntrl:]\\]*) fail "SANDBOX_AGENT_BASE_URL holds a character that no address has" ;;
    https://?*) ;;
    *)
      is_loopback ||
        fail "SANDBOX_AGENT_BASE_URL must begin with https://: over http a file can be replaced on its way"
      ;;
  esac
}

# Downloads an address to a file over https. Only this machine itself is asked over http, and a
# redirect to http is an error.
download() {
  if has curl; then
    download_curl "$1" "$2"
  elif has wget; then
    case $(wget --version 2>&1) in
      *GNU*) download_gnu "$1" "$2" ;;
      *) download_busybox "$1" "$2" ;;
    esac
  else
    fail "neither curl nor wget is here: install one of them"
  fi
}

download_curl() {
  if is_loopback; then
    curl --proto =http --proto-redir =https --noproxy '*' -fsSL --connect-timeout 20 -o "$2" "$1"
  else
    curl --proto =https --proto-redir =https -fsSL --retry 2 --connect-timeout 20 -o "$2" "$1"
  fi
}

# GNU wget has no option that keeps redirects on https, so it follows none.
download_gnu() {
  if is_loopback; then proxy=--no-proxy; else proxy=--proxy; fi
  code=0
  wget $proxy -q -T 20 --max-redirect=0 -O "$2" "$1" || code=$?
  # GNU wget exits with 8 for every answer other than the file.
  if [ $code = 8 ]; then
    say "This wget follows no redirect, because it cannot be kept on https. curl can." >&2
  fi
  return $code
}

# busybox wget follows every redirect, but it prints each connection that it makes. Some builds crash
# when they get a time limit, and some do not check certificates.
download_busybox() {
  if is_loopback; then proxy=off; else proxy=on; fi
  wget -Y $proxy -O "$2" "$1" 2>"$work/wget" || {
    cat "$work/wget" >&2
    return 1
  }
  if [ "$(grep -c '^Connecting to ' "$work/wget")" != 1 ]; then
    say "The host redirects, and this wget cannot be kept on https. curl can." >&2
    return 1
  fi
  if [ -z "$PINNED" ] && grep -q 'certificate validation not implemented' "$work/wget"; then
    fail "this wget does not check certificates: install curl, or set SANDBOX_AGENT_SHA256"
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
  require_safe_base
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
  if [ -n "$PINNED" ]; then
    expected=$(printf '%s' "$PINNED" | tr 'A-F,\t\n' 'a-f   ')
  else
    download "$from/SHA256SUMS" "$work/sums" || fail "cannot download $from/SHA256SUMS"
    expected=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$file\$/\1/p" "$work/sums")
    [ -n "$expected" ] || fail "$VERSION has no file for this platform: $file"
  fi
  download "$from/$file" "$work/$file" || fail "cannot download $from/$file"
  found=$(sha256 "$work/$file")
  case " $expected " in
    *" $found "*) ;;
    *)
      [ -z "$PINNED" ] || fail "$file has the sum $found, which SANDBOX_AGENT_SHA256 does not name"
      fail "$file is not what SHA256SUMS promises: it was altered, or the download broke off"
      ;;
  esac
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
