# needs: tac rev nl fold paste comm cmp diff split expand
seq 3 | tac; printf 'a\nb' | tac; echo; echo abc | rev; printf 'ab\ncd' | rev; echo
printf 'a\n\nb\n' | nl; printf 'a\n\nb\n' | nl -ba; seq 2 | nl -w2 -s:; seq 2 | nl -v5 -i2; seq 2 | nl -nln; seq 2 | nl -nrz
echo abcdefghij | fold -w 4; echo 'one two three four' | fold -s -w 9; printf 'abc' | fold -w2; echo; printf '\n' | fold
seq 3 > a; printf 'x\ny\n' > b; paste a b; paste -d, a b; paste -s a; paste -s -d, a b; paste -d '\n' a b; seq 6 | paste - -; seq 4 | paste -sd+; printf 'a\tb\n' | expand; printf 'a\tb\n' | expand -t 4
printf '1\n2\n4\n' > s; printf '2\n3\n4\n' > t; comm s t; comm -12 s t; comm -23 s t; comm -3 s t
cmp a a; echo $?; cmp a b; echo $?; cmp -s a b; echo $?; printf '1\n2' | cmp - a 2>/dev/null; echo $?; cmp -l s t; echo $?
cp a c; diff a c; echo $?; echo 4 >> c; diff -u a c | tail -n +3; diff -q a c; echo $?; diff -s a a; seq 30 > m; sed '5s/$/x/;25d' m > n; diff -u m n | tail -n +3; diff -U1 m n | tail -n +3; printf 'x' > o; printf 'x\n' > p; diff -u o p | tail -n +3
diff -u nothing a 2>/dev/null; echo $?; mkdir d e; cp a d; cp b e; echo 1 > d/q; echo 2 > e/q; diff -rq d e; echo $?; printf 'A  b\n' > i; printf 'a b\n' > j; diff -qib i j; echo $?
seq 10 > ten; split -l 4 ten; cat xaa; cat xac; split -b 5 ten y; cat yab; ls y* | wc -l | tr -d ' '; split -l 5 -a 3 -d ten z; ls z*
