printf 'b 2\na 10\nc 1\n' > t
sort t; sort -r t; sort -k2n t; sort -k2 t
printf '3\n10\n2\n2\n' | sort -n; printf '3\n10\n2\n2\n' | sort -nu; printf 'B\na\nC\n' | sort -f
printf 'x:3\ny:1\n' | sort -t: -k2; printf 'a\nb\n' | sort -c && echo sorted
printf 'a\na\nb\na\n' | uniq; printf 'a\na\nb\n' | uniq -c | tr -s ' '; printf 'a\na\nb\n' | uniq -d; printf 'a\na\nb\n' | uniq -u
seq 20 | head; seq 20 | head -n 3; seq 20 | tail -n 3; seq 20 | tail -n +18; seq 5 | head -n -2; printf abcdef | head -c 3; echo; printf abcdef | tail -c 2; echo
head -n 1 t t; tail -n 1 t
grep a t; grep -v a t; grep -c '[0-9]' t; grep -n c t; grep -i A t; grep -q b t; echo $?; grep nothing t; echo $?
grep -e a -e b t; grep -E 'a|c' t; grep '^b' t; grep '1$' t; grep -o '[0-9]*' t; grep -w 1 t; grep -x 'c 1' t; grep -l a t; grep -F 'a.' t; echo $?
printf 'foo(bar)\n' | grep 'o(b'; printf 'aab\n' | grep 'a\{2\}b'; printf 'abab\n' | grep -E '(ab){2}'; printf 'x.y\n' | grep 'x\.y'; printf 'a\tb\n' | grep '[[:space:]]' | wc -l | tr -d ' '
printf '1\n2\n3\n4\n5\n' | grep -A1 2; printf '1\n2\n3\n4\n5\n' | grep -B1 4; printf '1\n2\n3\n' | grep -m1 .
cut -d' ' -f2 t; cut -c1-2 t; echo a:b:c:d | cut -d: -f2-3; echo a:b:c | cut -d: -f2-; echo abc | cut -b2; echo nodelim | cut -d: -f2; echo nodelim | cut -s -d: -f2; echo a,b,c | cut -d, -f1,3
echo hello | tr a-z A-Z; echo hello | tr -d l; echo aabbcc | tr -s ab; echo hello | tr 'el' 'ip'; echo 'a b' | tr ' ' '\n'; echo abc123 | tr -cd 0-9; echo; echo hello | tr '[:lower:]' '[:upper:]'
echo one | sed 's/o/0/'; echo foo | sed 's/o/0/g'; echo foo | sed 's/o/0/2'; echo abc | sed 's/\(a\)\(b\)/\2\1/'; echo abc | sed -E 's/(a)(b)/\2\1/'; echo a/b | sed 's|/|-|'; echo abc | sed 's/b/[&]/'
seq 5 | sed -n 3p; seq 5 | sed 2d; seq 5 | sed -n '2,4p'; seq 5 | sed '/3/d'; seq 5 | sed -n '/2/,/4/p'; seq 5 | sed '$d'; seq 5 | sed -n '$p'; seq 5 | sed 3q; seq 3 | sed 's/2/two/;s/3/three/'
seq 3 | sed -e 1d -e 's/3/x/'; seq 3 | sed '2!d'; seq 3 | sed -n '2{s/2/b/;p}'; echo x | sed 's/x/a\nb/'; echo abc | sed 'y/abc/xyz/'; seq 3 | sed '2a\
added'; seq 3 | sed '1i\
before'; seq 2 | sed =; printf 'x' | sed s/x/y/; echo
printf 'in place\n' > p; sed -i s/place/situ/ p; cat p
seq 3; seq 2 4; seq 1 2 7; seq 3 -1 1; seq -w 8 10; seq -s, 3; seq 0.5 0.5 1.5
echo a b c | xargs -n1 echo item; printf 'a\nb\n' | xargs; printf '1 2\n3\n' | xargs -I{} echo '<{}>'; printf '' | xargs -r echo never; echo "'quoted words' x" | xargs -n1 echo; printf 'a\0b c\0' | xargs -0 -n1 echo
echo tee | tee copy; cat copy; echo more | tee -a copy > /dev/null; cat copy
wc -l < t | tr -d ' '; wc -w < t | tr -d ' '; wc -c < t | tr -d ' '; printf 'no newline' | wc -l | tr -d ' '
cat t - < p; cat -n p | tr -s ' \t' ' '; cat nothing 2>/dev/null; echo $?; cat nothing p 2>/dev/null; echo $?
expr 2 + 3; expr 7 / 2; expr 7 % 2; expr 2 '*' 3; expr 3 '>' 2; expr abc : 'a\(.*\)'; expr abc : abc; expr 0; echo $?; expr '' '|' fallback; expr 1 '&' 2; expr length four; expr substr abcdef 2 3; expr index abc c
basename /a/b/c.txt; basename /a/b/c.txt .txt; basename c; basename /a/; dirname /a/b/c; dirname c; dirname /; dirname a/
date -u -d @86400 +%Y-%m-%dT%H:%M:%S; date -u -d @0 '+%a %b %e %j %s'
env -i A=1 B=2 env; env -u HOME sh -c 'echo ${HOME-unset}'; env X=y printenv X; printenv NOTHING; echo $?
