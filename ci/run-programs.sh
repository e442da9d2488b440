#!/usr/bin/env bash
# ci/run-programs.sh   real programs from Debian under `stayput run --lock-all`:
# `inspect` shows them locked, they still serve; without `run` they are not locked.
#
# Needs root, to install packages and to start servers as their own users. What is
# started here is stopped here, and their files lie in a temporary directory.
set -euo pipefail
cd "$(dirname "$0")/.."

[ "$(id -u)" -eq 0 ] || { echo "needs root: installs packages, starts servers as their users" >&2; exit 1; }

dir=$(mktemp -d)
chmod 755 "$dir"
server=0
policy=/usr/sbin/policy-rc.d
cleanup() {
  stop
  [ ! -e "$dir/made-policy" ] || rm -f "$policy"
  [ ! -e "$dir/made-run-sshd" ] || rmdir /run/sshd
  rm -rf "$dir"
}
trap cleanup EXIT

# Packages are installed, not started: their scripts ask this file.
if [ ! -e "$policy" ]; then
  touch "$dir/made-policy"
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
fi
ci/install.sh jq redis-server redis-tools postgresql openssh-server openssh-client util-linux

cargo build --release --quiet --package stayput-cli --package stayput-capi
cp target/release/{stayput,libstayput_capi.so} "$dir" # where every user may read them
stayput=$dir/stayput

start() { # start COMMAND...   in the background; its process is $server
  "$@" >"$dir/log" 2>&1 &
  server=$!
}

stop() {
  [ "$server" -ne 0 ] || return 0
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=0
}

fail() {
  echo "FAILED: $*" >&2
  cat "$dir/log" >&2
  exit 1
}

until_it_answers() { # until_it_answers COMMAND...   for 20 seconds at most
  for _ in $(seq 200); do
    "$@" >/dev/null 2>&1 && return
    kill -0 "$server" 2>/dev/null || fail "the server ended before it answered"
    sleep 0.1
  done
  fail "no answer: $*"
}

child() { # child PID   the one process below it
  read -r below _ <"/proc/$1/task/$1/children"
  echo "$below"
}

until_alone() { # until_alone PID   who ends before its children leaves them to others
  for _ in $(seq 100); do
    [ -n "$(cat "/proc/$1/task/$1/children")" ] || return 0
    sleep 0.1
  done
}

is_locked() { # is_locked PID   by the kernel's flags, mapping by mapping
  "$stayput" inspect "$1" --only unlocked --format json >"$dir/inspect.json"
  jq --exit-status '.totals.charged > 0 and .totals.locked > 0 and (.mappings | length) == 0' \
    "$dir/inspect.json" >/dev/null
}

# Of a program's own children, some have just begun, and some are about to end.
is_locked_or_ends() { # is_locked_or_ends PID   within 20 seconds
  for _ in $(seq 200); do
    is_locked "$1" 2>/dev/null && return
    grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null || return 0
    sleep 0.1
  done
  return 1
}

is_untouched() { # is_untouched PID
  "$stayput" inspect "$1" --summary --format json |
    jq --exit-status '.totals.charged == 0 and .totals.locked_size == 0' >/dev/null
}

show() { # show PID NAME
  "$stayput" inspect "$1" --summary --format json |
    jq --raw-output --arg name "$2" '"\($name) (\(.process.id)): locked \(.totals.locked) of \(.totals.resident) resident bytes, charged \(.totals.charged)"'
}

redis() {
  local socket=$dir/redis.sock
  local options=(--unixsocket "$socket" --port 0 --dir "$dir" --save '')
  ask() { redis-cli -s "$socket" "$@"; }

  start redis-server "${options[@]}"
  until_it_answers ask ping
  is_untouched "$server" || fail "control: redis-server locks by itself"
  stop

  start "$stayput" run --lock-all -- redis-server "${options[@]}"
  until_it_answers ask ping
  [ "$(ask set colour blue)" = OK ] && [ "$(ask get colour)" = blue ] || fail "redis does not serve"
  # New memory too: 64 MiB of values, then it must still be locked as a whole.
  [ "$(ask eval 'for i=1,64 do redis.call("set", i, string.rep("x", 1048576)) end return 1' 0)" = 1 ] ||
    fail "redis can't grow"
  local process
  process=$(child "$server")
  is_locked "$process" || fail "redis-server is not locked: $(cat "$dir/inspect.json")"
  show "$process" redis-server
  ask shutdown nosave || true
  wait "$server" || fail "exit code $? of a redis-server that was shut down"
  server=0
}

postgres() {
  local bin data=$dir/postgres
  bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
  # The server refuses to run as root. The capability comes along as its user's.
  local user=(setpriv --reuid=postgres --regid=postgres --init-groups
    --inh-caps=-all,+ipc_lock --ambient-caps=-all,+ipc_lock)
  install -d -o postgres -g postgres "$data"
  "${user[@]}" "$bin/initdb" --auth=trust --no-sync "$data/db" >"$dir/log" 2>&1 || fail initdb
  local options=(-D "$data/db" -k "$data" -c listen_addresses=)
  ask() { psql -h "$data" -U postgres -d postgres -tA -c "$1"; }

  start "${user[@]}" "$bin/postgres" "${options[@]}"
  until_it_answers ask 'select 1'
  is_untouched "$server" || fail "control: postgres locks by itself"
  stop

  start "${user[@]}" "$stayput" run --lock-all --children -- "$bin/postgres" "${options[@]}"
  until_it_answers ask 'select 1'
  local sum="select sum(n) from generate_series(1, 100000) n"
  [ "$(ask "$sum")" = 5000050000 ] || fail "postgres does not serve"
  local main backend
  main=$(child "$server")
  is_locked "$main" || fail "postgres is not locked: $(cat "$dir/inspect.json")"
  show "$main" postgres
  # Each connection and each worker is a fork of its own.
  for backend in $(cat "/proc/$main/task/$main/children"); do
    is_locked_or_ends "$backend" || fail "process $backend of postgres is not locked: $(cat "$dir/inspect.json")"
  done
  echo "postgres: $(wc -w <"/proc/$main/task/$main/children") processes below it are locked too"
  kill -INT "$server" # passed on: "fast shutdown"
  wait "$server" || fail "exit code $? of a postgres that was shut down"
  server=0
}

# Below those that the kernel gives to clients.
free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

sshd() {
  local port sshd=/usr/sbin/sshd
  port=$(free_port)
  [ -d /run/sshd ] || { mkdir /run/sshd && touch "$dir/made-run-sshd"; }
  ssh-keygen -q -t ed25519 -N '' -f "$dir/host_key"
  local options=(-D -e -f /dev/null -h "$dir/host_key" -p "$port" -o ListenAddress=127.0.0.1
    -o PidFile=none)
  ask() { [ -n "$(ssh-keyscan -p "$port" 127.0.0.1 2>/dev/null)" ]; }

  start "$sshd" "${options[@]}"
  until_it_answers ask
  is_untouched "$server" || fail "control: sshd locks by itself"
  until_alone "$server"
  stop

  start "$stayput" run --lock-all --no-core -- "$sshd" "${options[@]}"
  until_it_answers ask
  ssh-keyscan -p "$port" 127.0.0.1 2>/dev/null | grep -qF "$(cut -d' ' -f2 "$dir/host_key.pub")" ||
    fail "sshd does not show its key"
  local process
  process=$(child "$server")
  is_locked "$process" || fail "sshd is not locked: $(cat "$dir/inspect.json")"
  show "$process" sshd
  until_alone "$process"
  kill -TERM "$server"
  wait "$server" || fail "exit code $? of an sshd that was ended"
  server=0
}

redis
postgres
sshd
echo "run-programs: redis-server, postgres and sshd were locked, and served"
