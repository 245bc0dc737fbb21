true & wait $!; echo $?
(exit 5) & wait $!; echo $?
(echo background) & wait; echo $?
x=1; (x=2) & wait; echo $x
for i in 3 1 2; do (sleep 0.0$i; echo $i > done.$i) & done; wait; cat done.*
wait 99999; echo $?
{ echo group; exit 2; } & wait $!; echo $?
a=1; { echo $a; } & a=2; wait; echo $a
sleep 0 & pid=$!; [ "$pid" -gt 0 ] && echo number; wait $pid
cat & wait; echo end
