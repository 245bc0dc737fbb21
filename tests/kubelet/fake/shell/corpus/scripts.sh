count=$(echo 'hello' >> f ; wc -l < f | tr -d ' ')
if [ $count -eq 1 ]; then echo first; fi
check="$(echo something)" && test -n "$check" && echo OK > result; cat result
for i in `seq 1 3`; do echo "try $i"; test $i -eq 2 && break; done
if [ $(expr 4 % 2) -ne 0 ]; then echo odd; else echo even; fi
echo ok > health; sleep 0.01; rm -rf health; cat health 2>/dev/null; echo $?
n=0
while true; do
  n=$((n + 1))
  if [ $n -gt 3 ]; then
    echo "stopping at $n"
    break
  fi
  echo "round $n"
done
wait_for() {
  tries=0
  until [ -f "$1" ]; do
    tries=$((tries + 1))
    [ $tries -ge 3 ] && { echo "gave up on $1"; return 1; }
    sleep 0
  done
  echo "found $1"
}
wait_for nothing; echo $?
touch something; wait_for something; echo $?
cat > config <<EOF
name=${NAME:-default}
list=$(seq -s, 3)
EOF
cat config
while IFS='=' read -r key value; do
  case "$key" in
    name) echo "the name is $value" ;;
    list) for item in $(echo "$value" | tr ',' ' '); do echo "- $item"; done ;;
  esac
done < config
test_exit() { (exit "$1") || echo "failed with $?"; }
test_exit 0; test_exit 42
log() { echo "[$(echo info)] $*"; }; log starting up; log "with  spaces"
result=$(for f in config result; do [ -f "$f" ] && echo "$f"; done | sort | head -n 1); echo "$result"
[ "$(cat result)" = "OK" ] && echo verified || echo broken
printf '%s\n' one two three | while read -r w; do case $w in t*) printf '%s ' "$w";; esac; done; echo
