echo $(echo a; echo b)
echo "$(echo a; echo b)"
echo "$(printf 'x\n\n\n')" end
x=$(exit 3); echo $?
x=$(echo out; exit 4); echo "$x" $?
echo `echo back` "`echo "in quotes"`"
echo `echo a \`echo nested\` b`
echo $(echo $(echo $(echo deep)))
y=1; z=$(y=2; echo $y); echo $y $z
echo "$(cat <<END
from a document
END
)"
echo $(echo "a)b") $(echo 'c)d')
n=$(( $(echo 3) + $(echo 4) )); echo $n
for f in $(echo one two); do echo "<$f>"; done
echo before$(true)after
true $(false); echo $?
: $(false); echo $?
a=$(false) b=$(true); echo $?
