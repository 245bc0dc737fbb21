echo hello | cat
printf '3\n1\n2\n' | sort | head -n 1
false | true; echo $?
true | false; echo $?
echo a | { read x; echo "got $x"; }
x=outer; echo inner | read x; echo $x
seq 5 | while read n; do echo $((n * n)); done | tail -n 2
yes | head -n 2
echo one | cat - | cat | cat
printf 'b\na\n' | (sort; echo done)
exit 3 | cat; echo $?
f() { cat; echo after; }; echo before | f
seq 100000 | tail -n 1
cat /dev/null | wc -l | tr -d ' '
! echo x | grep -q y; echo $?
