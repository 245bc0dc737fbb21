f() { echo "f: $# $1"; }
f; f a b; f "a b"
g() { return 7; }; g; echo $?
h() { local x=inner; echo $x; x=changed; }; x=outer; h; echo $x
k() { x=global; }; k; echo $x
rec() { [ $1 -eq 0 ] && return; echo $1; rec $(($1 - 1)); }; rec 3
fact() { if [ $1 -le 1 ]; then echo 1; else echo $(($1 * $(fact $(($1 - 1))))); fi; }; fact 6
args() { for a; do printf '[%s]' "$a"; done; echo; }; args 1 "2 3" 4
set -- outer; inner() { set -- changed; echo $1; }; inner; echo $1
redirected() { echo to file; } > f.out; redirected; cat f.out
sub() ( y=hidden; echo $y ); y=seen; sub; echo $y
early() { echo one; return; echo never; }; early
last() { false; }; last; echo $?
over() { echo first; }; over() { echo second; }; over
unset -f over; over 2>/dev/null; echo $?
pipe() { while read l; do echo "got $l"; done; }; printf 'a\nb\n' | pipe
f() { echo shadowed; }; true() { echo my true; }; true; unset -f true; true; echo $?
nested() { deeper() { echo deep; }; deeper; }; nested; deeper
