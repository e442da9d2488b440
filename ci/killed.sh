#!/usr/bin/env bash
# ci/killed.sh [TIMES [SEED [RESULT]]]   prove, run and spec check ended at random moments
#                                        leave nothing
#
# Each tool is started TIMES times (20) and ended by SIGKILL, SIGTERM or SIGINT, in turn, at
# a moment that SEED determines, between its start and its undisturbed end. Afterwards no
# process, swap area, control group, mount, loop device or file of that run may be there;
# just before, the same look must find the run. RESULT: where the JSON goes.
# BESIDE_OTHERS=1: does not wait for, nor keep away, other experiments with swap on this
# machine; what was there before a run is not the run's. STAYPUT: the program to try;
# TOOLS: which of "prove run spec_check".
set -euo pipefail
cd "$(dirname "$0")/.."
times=${1:-20} seed=${2:-$RANDOM} result=${3:-}
RANDOM=$seed
echo "seed $seed: the same moments again by ci/killed.sh $times $seed"
[ -z "$result" ] || ci/install.sh jq
if [ -z "${BESIDE_OTHERS:-}" ]; then
  exec 9<"${TMPDIR:-/tmp}"
  flock 9
fi
tools=${TOOLS:-prove run spec_check}
stayput=${STAYPUT:-}
if [ -z "$stayput" ]; then
  cargo build --quiet --package stayput-cli --package stayput-capi
  stayput=target/debug/stayput
fi
stayput=$(realpath "$stayput")

top=$(mktemp -d "${TMPDIR:-/tmp}/stayput-killed.XXXXXX")
child=''
clean_up() {
  if [ -n "$child" ]; then
    kill "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  # A swap area whose file is gone can't be switched off any more.
  for _ in $(seq 300); do
    grep --quiet --fixed-strings "$top" /proc/swaps || break
    sleep 0.1
  done
  rm -rf "$top"
}
trap clean_up EXIT
signals=(KILL TERM INT)
failures=0
cells=() # of the evidence, as JSON
longest=0 # milliseconds until nothing was left

# Whoever runs this script in the background has SIGINT ignored.
begin() { exec env --default-signal=INT "$stayput" "$@"; }
prove() { begin prove --dir "$1" --only swap,core,proc-mem,ptrace,fork,residue; }
# Processes that a program starts are the program's: it starts none.
run() { begin run --lock-all --no-core sleep 60; }
spec_check() { begin spec check --sequences 40; }

cell() { # cell "TOOL[, STATE]" IS_CONTROL EXPECTED OBSERVED FIGURES
  [ -n "$result" ] || return 0
  cells+=("$(jq --null-input --compact-output --arg subject "$1" --argjson is_control "$2" \
    --arg expected "$3" --arg observed "$4" --argjson figures "$5" \
    --arg kernel "$(uname -r)" --arg command "TOOLS=${1%,*} ci/killed.sh $times" \
    '{experiment: "killed", $subject, $is_control, $kernel, $expected, $observed, $command, $figures}')")
}

now() { echo $(($(date +%s%N) / 1000000)); }
groups() { find /sys/fs/cgroup -maxdepth 6 -type d -name 'stayput-pro[bv]e-*' 2>/dev/null | sort || true; }

start() { # start TOOL DIR MARK: in the background, as $child
  (
    cd "$2"
    export STAYPUT_KILLED=$3 TMPDIR=$2
    "$1" "$2"
  ) </dev/null >/dev/null 2>&1 9<&- &
  child=$!
}

# What the run with this mark left, a line each.
left() { # left DIR MARK GROUPS_BEFORE
  local environ
  for environ in $(grep --files-with-matches --null-data --fixed-strings --line-regexp \
    "STAYPUT_KILLED=$2" /proc/[0-9]*/environ 2>/dev/null); do
    echo "process ${environ//[!0-9]/}: $(tr '\0' ' ' 2>/dev/null <"${environ%environ}cmdline")"
  done
  find "$1" -mindepth 1 | sed 's/^/file /'
  grep --fixed-strings "$1" /proc/swaps /proc/self/mounts || true
  losetup --all 2>/dev/null | grep --fixed-strings "$1" || true
  # Others may prove meanwhile: a group is this run's if no other run is at work.
  if [ -z "${BESIDE_OTHERS:-}" ]; then
    comm -13 <(echo "$3") <(groups) | sed 's/^/group /'
  fi
}

# Undisturbed: how long it takes, in milliseconds.
declare -A lasts
for tool in $tools; do
  mkdir "$top/$tool"
  began=$(now)
  start "$tool" "$top/$tool" "whole-$$-$tool"
  if [ "$tool" = run ]; then
    sleep 1 # until it sleeps, which it does for long
    kill -TERM "$child"
  fi
  status=0
  wait "$child" || status=$?
  child=''
  lasts[$tool]=$(($(now) - began))
  case $tool/$status in
    prove/0 | spec_check/0 | run/143) ;;
    *)
      echo "FAILED $tool, undisturbed: exit status $status" >&2
      exit 1
      ;;
  esac
done

for tool in $tools; do
  declare -A statuses=()
  failed_before=$failures seen=0
  for round in $(seq "$times"); do
    dir=$top/$tool-$round mark=$$-$tool-$round signal=${signals[round % 3]}
    mkdir "$dir"
    before=$(groups)
    delay=$((RANDOM * (${lasts[$tool]} + 50) / 32768))
    start "$tool" "$dir" "$mark"
    sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
    [ -z "$(left "$dir" "$mark" "$before")" ] || seen=$((seen + 1))
    kill "-$signal" "$child" 2>/dev/null || true
    ended=$(now) status=0
    { wait "$child" || status=$?; } 2>/dev/null # which says "Killed"
    child=''
    statuses[$status]=$((${statuses[$status]:-0} + 1))
    # The janitor of a run that was killed needs a moment.
    while found=$(left "$dir" "$mark" "$before") && [ -n "$found" ]; do
      if [ $(($(now) - ended)) -gt 15000 ]; then
        failures=$((failures + 1))
        echo "FAILED $tool, SIG$signal after $delay ms: left behind:" >&2
        echo "$found" >&2
        break
      fi
      sleep 0.05
    done
    took=$(($(now) - ended))
    [ "$took" -le "$longest" ] || longest=$took
  done
  printf '%-10s %d times within %d ms; exit statuses:' "$tool" "$times" "${lasts[$tool]}"
  for status in "${!statuses[@]}"; do printf ' %dx%d' "${statuses[$status]}" "$status"; done
  printf '; seen before the end: %d\n' "$seen"
  unset statuses
  if [ "$seen" -eq 0 ]; then
    failures=$((failures + 1))
    echo "FAILED $tool: the look sees nothing of a run that goes on" >&2
  fi
  left_behind=$((failures - failed_before))
  cell "$tool, going on" true found "$([ "$seen" -gt 0 ] && echo found || echo 'not found')" \
    "{\"seen_while_running\": $seen, \"times\": $times}"
  cell "$tool" false 'nothing left' \
    "$([ $left_behind -eq 0 ] && echo 'nothing left' || echo "$left_behind runs left something")" \
    "{\"times\": $times, \"seed\": $seed}"
done

# Groups of other runs come and go; one that a killed run left stays.
sleep 1
for group in $(comm -12 <(groups) <(sleep 1 && groups)); do
  for _ in $(seq 60); do
    [ -d "$group" ] && [ -z "$(cat "$group/cgroup.procs")" ] || continue 2
    sleep 1
  done
  failures=$((failures + 1))
  echo "FAILED: $group is empty and stays" >&2
done

if [ -n "$result" ]; then
  printf '%s\n' "${cells[@]}" | jq --slurp '{results: .}' >"$result"
fi
if [ "$failures" -gt 0 ]; then
  echo "FAILED: $failures runs left something behind"
  exit 1
fi
echo "PASSED: nothing was left, $longest ms after the end at the latest"
