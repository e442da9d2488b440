# shellcheck shell=bash # sourced by vm/kernel.sh and vm/userland.sh
# Debian's packages, unpacked into ~/.cache/stayput-ci (STAYPUT_CI_CACHE moves it) and kept, never
# installed. Of another architecture too, whose package lists lie beside them.

cache=${STAYPUT_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stayput-ci}

# arch_of RELEASE   Debian's name of the architecture that a release is for
arch_of() {
  case $1 in *-arm64*) echo arm64 ;; *) echo amd64 ;; esac
}

# apt_lists ARCH   sets `apt` and brings the lists up to date
apt_lists() {
  apt=(-o APT::Sandbox::User=root)
  if [ "$1" != "$(dpkg --print-architecture)" ]; then
    mkdir -p "$cache/apt-$1"/{lists/partial,archives/partial}
    touch "$cache/apt-$1/status"
    apt+=(-o "APT::Architecture=$1" -o "APT::Architectures=$1" -o "Dir::Cache=$cache/apt-$1"
      -o "Dir::State::lists=$cache/apt-$1/lists" -o "Dir::State::status=$cache/apt-$1/status")
  fi
  apt-get "${apt[@]}" update -qq
}

# unpacked DIRECTORY ARCH PACKAGES   unpacks, unless that was done before; PACKAGES is a command
# that prints their names, once the lists are up to date
unpacked() {
  local to=$1 arch=$2 names fresh
  shift 2
  [ ! -e "$to" ] || return 0
  mkdir -p "$cache"
  apt_lists "$arch"
  names=$("$@")
  fresh=$(mktemp -d "$to.XXXXXX")
  # shellcheck disable=SC2064 # this directory
  trap "rm -rf '$fresh'" EXIT
  # shellcheck disable=SC2086 # names
  (cd "$fresh" && apt-get "${apt[@]}" download -qq $names)
  local deb
  for deb in "$fresh"/*.deb; do dpkg-deb --extract "$deb" "$fresh"; done
  rm "$fresh"/*.deb
  mv "$fresh" "$to"
}
