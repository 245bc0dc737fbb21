echo one > file; cat file
echo two >> file; cat file
cat < file
cat < file > copy; cat copy
echo error >&2 2> err; cat err
{ echo out; echo err >&2; } > both 2>&1; cat both
{ echo out; echo err >&2; } 2>&1 | sort
echo gone > /dev/null; cat /dev/null
ls /no/such/place 2> /dev/null || echo failed
{ cat < no-such-file || echo not there; } 2> /dev/null
exec 3> third; echo to three >&3; exec 3>&-; cat third
exec 4< file; read first <&4; read second <&4; echo "$second $first"; exec 4<&-
cat <<END
plain $((1 + 1)) $(echo sub) `echo back`
"quotes" 'stay' \$escaped \\ back
END
cat <<'END'
literal $HOME $(nothing) `at all` \$
END
cat <<-END
	tabs go
	END
cat <<A; cat <<B
first
A
second
B
cat <<END | tr a-z A-Z
into a pipe
END
while read a b; do echo "$b-$a"; done < file
(echo sub > inner; cat inner)
> empty; wc -c < empty | tr -d ' '
echo a > multi > last; cat multi last
x=file; cat < $x; echo new > "$x"; cat "$x"
echo 1>&2 2>/dev/null quiet 2>/dev/null
for i in 1 2; do echo $i; done > loop; cat loop
if true; then echo in if; fi > iffile; cat iffile
set -C; echo x > clobbered; (echo y > clobbered) 2>/dev/null || echo kept; echo z >| clobbered; cat clobbered; set +C
