unset u; e=; s=value
echo ${u-default} ${u:-default} "${e-default}" ${e:-default} ${s-default}
echo ${u+set} ${e+set} ${e:+set} ${s:+set} end
echo ${u=assigned} $u
echo ${e:=now} $e
echo ${#s} ${#u} ${#nothing}
path=/usr/local/lib/file.tar.gz
echo ${path##*/} ${path#*/} ${path%.*} ${path%%.*} ${path%/*}
echo ${path#/usr} ${path%nope} ${path#*l} ${path##*l}
star='a*b'; echo "${star%\*b}" ${star#a'*'}
set -- one "two words" three
echo $# "$1" "$2" ${3}
echo ${10}x "$*"
shift; echo $# $1
printf '<%s>' "$@"; echo
printf '<%s>' $@; echo
printf '<%s>' "x$@y"; echo
printf '<%s>' "$*"; echo
set --
printf '<%s>' "$@" end; echo
printf '<%s>' "a$@" end; echo
echo ${u:-$(echo sub)} ${nothing:-a "b  c" d}
printf '<%s>' ${nothing:-a "b  c" d}; echo
printf '<%s>' "${nothing:-a b}"; echo
x=abc; y=${x}def; echo $y "${x}${y}"
echo $x$y "$x"$y
(: ${nope:?is missing}) 2>/dev/null; echo $?
(: ${nope?}) 2>/dev/null; echo $?
