eval 'echo a b'; eval "x=5"; echo $x; eval echo '$x'
eval 'if true; then echo compound; fi'
echo 'echo sourced $1; y=set; return 3; echo never' > lib; . ./lib; echo $? $y
(cd /; pwd; cd /tmp; pwd; cd ..; pwd; cd - > /dev/null; pwd; cd /tmp/./../; pwd)
cd /no/such/place 2>/dev/null; echo $?
type echo > /dev/null && command -v echo && command -v if; command -v nothing-at-all; echo $?
command echo via command
unset x; echo ${x-unset}; x=1; readonly r=2; echo $r; (r=3; echo never) 2>/dev/null; echo $?
export E=exported; sh -c 'echo $E'; E=once sh -c 'echo $E'; echo $E
A=1 B=2 sh -c 'echo $A$B'; echo ${A-unset}
V=temp eval 'echo $V'; echo $V
printf '%s %d %x %o %c %5s|%-5s|%05d %%\n' str 42 255 8 char ab ab 42
printf '%s\n' a b c; printf '%d-%d\n' 1 2 3; printf 'no newline'; echo
printf '%b' 'a\tb\n'; printf 'tab\there\n'; printf '\101\n'; printf '%.2f %e\n' 3.14159 1000
printf '%s|' ; echo; printf '%d\n' 0x10; printf "%d\n" "'A"
read a b <<END
one two three
END
echo "$b|$a"
read -r raw <<'END'
back\slash
END
echo "$raw"
read joined <<'END'
a\
b
END
echo $joined
IFS=: read p q <<END
x:y:z
END
echo "$p $q"
read x < /dev/null; echo $? "[$x]"
set -- 1 2 3; shift 2; echo $*
while getopts ab:c o -a -b val -c rest; do echo "$o ${OPTARG-none}"; done; echo $OPTIND
umask 022; umask; umask 077; umask
test -z "" && test -n x && test a = a && test a != b && test 1 -lt 2 && echo tests
[ ! -e nothing ] && [ -d /tmp ] && [ -e /tmp -o -f x ] && [ \( 1 -eq 1 \) ] && echo files
[ a ]; echo $?; [ ]; echo $?; [ "" ]; echo $?; [ 1 -eq x ] 2>/dev/null; echo $?
true; : ; false; echo $?
echo -n no newline; echo
exec 5>&1; echo dup >&5
(exec echo replaced; echo never); (exec nothing-there) 2>/dev/null; echo $?
sh -c 'echo $0 $1 $#' name one two
echo 'echo from file $1' > s; sh s arg; sh ./s
echo 'echo stdin script' | sh; echo 'exit 9' | sh; echo $?
sh -c 'exit 300'; echo $?
sh -ec 'false; echo never'; echo $?
nothing-at-all 2>/dev/null; echo $?
touch plain; ./plain 2>/dev/null; echo $?
