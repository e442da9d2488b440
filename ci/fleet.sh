#!/usr/bin/env bash
# ci/fleet.sh   doctor's metrics, and what deploy/ does with them
#
# promtool must accept the metrics and the node exporter serve them; the systemd
# units must be right and their command do its work; the DaemonSet's pod must write
# its metrics onto the node, under podman.
set -euo pipefail
cd "$(dirname "$0")/.."
source ci/podman.sh
ci/install.sh prometheus prometheus-node-exporter systemd curl busybox-static
command -v kubectl >/dev/null || ci/install.sh kubernetes-client

metrics=$work/metrics
mkdir "$metrics"
file=$metrics/stayput.prom
# Findings are no failure here.
doctor() { "$root/stayput" doctor --format prometheus --output "$file" "$@" || [ $? -eq 1 ]; }
promtool_accepts() { promtool check metrics <"$1" >"$work/said" 2>&1; }

doctor --require 1MiB
promtool_accepts "$file" || complain "promtool: $(cat "$work/said")"
sed 's/^# TYPE stayput_doctor_check gauge/# TYPE stayput_doctor_check gaugge/' "$file" \
  >"$work/wrong.prom"
! promtool_accepts "$work/wrong.prom" || complain "promtool: a misspelt type was not seen"
accept "promtool: $(grep -c -v '^#' "$file") samples"

# The exporter, as the user it would be, on a port that is free.
log=$work/exporter.log
: >"$log" # read below, perhaps before the exporter has opened it
setpriv --reuid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
  prometheus-node-exporter --collector.disable-defaults --collector.textfile \
  --collector.textfile.directory="$metrics" --web.listen-address=127.0.0.1:0 2>"$log" &
exporter=$!
trap 'kill "$exporter" || true; clean_up' EXIT
for _ in $(seq 600); do
  address=$(sed -n 's/.*"Listening on" address=//p' "$log")
  [ -z "$address" ] && kill -0 "$exporter" 2>/dev/null || break
  sleep 0.1
done
scrape() { curl --silent --show-error --fail "http://$address/metrics" >"$work/scraped"; }
serves() { grep --quiet -- "$1" "$work/scraped" || complain "exporter: does not serve $1"; }

scrape || complain "exporter: $(cat "$log")"
serves '^node_textfile_scrape_error 0$'
serves "^node_textfile_mtime_seconds{file=\"$file\"}"
names() { sed '/^#/d; s/ [^ ]*$//' | sort; }
diff <(names <"$file") <(grep '^stayput_' "$work/scraped" | names) ||
  complain "exporter: not the samples of the file"
accept "exporter: serves every sample"

# Never half a file, however often it is replaced.
for _ in $(seq 20); do doctor; done &
writer=$!
for _ in $(seq 20); do
  scrape
  serves '^node_textfile_scrape_error 0$'
  serves '^stayput_doctor_check{check="memfd-secret",verdict="skip"}'
done
wait "$writer"
accept "exporter: whole files only"

echo 'stayput_broken{' >"$metrics/broken.prom"
scrape
serves '^node_textfile_scrape_error 1$'
rm "$metrics/broken.prom"
accept "exporter: half a file would be seen"

# systemd
units=$work/units/etc/systemd/system
mkdir -p "$units" "$work/units/usr/bin"
cp deploy/systemd/* "$units"
cp "$root/stayput" "$work/units/usr/bin/stayput"
for target in timers sysinit basic shutdown time-set time-sync local-fs; do
  printf '[Unit]\nDescription=here\nDefaultDependencies=no\n' >"$units/$target.target"
done
verify() {
  systemd-analyze verify --man=no --root="$work/units" stayput-doctor.timer \
    stayput-doctor.service >"$work/said" 2>&1 && [ ! -s "$work/said" ]
}
verify || complain "systemd: $(cat "$work/said")"
sed -i 's/^OnBootSec/OnBootSecs/' "$units/stayput-doctor.timer"
! verify || complain "systemd: a misspelt setting was not seen"
rm "$file"
command=$(sed -n 's/^ExecStart=//p' deploy/systemd/stayput-doctor.service)
command=${command/\/usr\/bin\/stayput/$root/stayput}
command=${command/\/var\/lib\/prometheus\/node-exporter/$metrics}
$command || [ $? -eq 1 ] || complain "systemd: the command failed: $command"
promtool_accepts "$file" || complain "systemd: $(cat "$work/said")"
accept "systemd: service and timer"

# Kubernetes: the file for kubectl's types, its pod for podman.
daemonset=deploy/kubernetes/daemonset.yaml
said=$(ci/kubernetes-types.sh $daemonset) || complain "kubernetes: $said"
sed 's/tolerations:/tolerationz:/' $daemonset >"$work/wrong.yaml"
! ci/kubernetes-types.sh "$work/wrong.yaml" >/dev/null ||
  complain "kubernetes: a misspelt key was not seen"
accept "kubernetes: kubectl"

mkdir -p "$work/image/bin" "$work/image/usr/bin"
cp /bin/busybox "$work/image/bin/busybox"
ln -s busybox "$work/image/bin/sh"
ln -s busybox "$work/image/bin/sleep"
cp "$root/stayput" "$work/image/usr/bin/stayput"
tar -C "$work/image" -c . | podman import --quiet - localhost/stayput:ci >/dev/null
KUBECONFIG=/dev/null kubectl label --local --filename $daemonset --output json ci=yes |
  jq --arg metrics "$metrics" '{apiVersion: "v1", kind: "Pod"} + .spec.template
    | .metadata.name = "doctor" | .spec.containers[0].image = "localhost/stayput:ci"
    | .spec.volumes[0].hostPath.path = $metrics' >"$work/pod.json"
rm "$file"
podman kube play --network none "$work/pod.json" >/dev/null || complain "kube play: refused"
for _ in $(seq 100); do
  [ ! -e "$file" ] || break
  sleep 0.1
done
promtool_accepts "$file" || complain "kube play: $(podman logs doctor-doctor 2>&1)"
grep --quiet '^stayput_ipc_lock_effective 0' "$file" ||
  complain "kube play: a pod without privileges has CAP_IPC_LOCK"
podman pod rm --force --time 0 doctor >/dev/null
accept "kubernetes: the pod's metrics are on the node"

conclude "metrics, exporter, timer and DaemonSet"
