x='  a  b	c
d  '
printf '<%s>' $x; echo
printf '<%s>' -$x-; echo
printf '<%s>' "$x"; echo
IFS=:; y='a::b: c :'
printf '<%s>' $y; echo
printf '<%s>' $y$y; echo
IFS=' :'; z=' a : b::c '
printf '<%s>' $z; echo
IFS=; printf '<%s>' $z; echo
unset IFS
printf '<%s>' $x; echo
IFS=,; set -- a b c; echo "$*"; unset IFS
echo "$*"
v="a b"; for i in $v "$v" x$v; do echo "[$i]"; done
empty=; printf '<%s>' $empty end; echo
printf '<%s>' $empty$empty "$empty" end; echo
set -- $(printf 'a b\nc\n'); echo $#
