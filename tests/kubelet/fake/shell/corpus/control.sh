if true; then echo yes; else echo no; fi
if false; then echo yes; elif true; then echo elif; else echo no; fi
if false; then echo yes; fi; echo $?
if [ 1 -eq 1 ] && [ 2 -eq 2 ]; then echo both; fi
for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done
for i in 1 2 3; do [ $i = 2 ] && break; echo $i; done; echo $i
for i in $nothing; do echo never; done; echo $?
i=0; until [ $i -ge 3 ]; do echo $i; i=$((i+1)); done
for i in a b; do for j in 1 2 3; do [ $j = 2 ] && continue 2; echo $i$j; done; done
for i in a b; do while true; do break 2; done; echo never; done; echo out
while false; do :; done; echo $?
case word in w*) echo starts;; *) echo other;; esac
case word in a|b|word) echo one of;; esac
case $nothing in "") echo empty;; esac
case 'a*' in 'a*') echo literal;; esac
case abc in [a-c][!x]c) echo brackets;; esac
case x in y) echo y;; esac; echo $?
case "two words" in "two words") echo quoted;; esac
case a.b in *.*) echo dotted;; esac
case 5 in [[:digit:]]) echo digit;; esac
{ echo group; echo two; }
(echo sub; exit 3); echo $?
! true; echo $?
! false; echo $?
true && echo and || echo or
false && echo and || echo or
false || false || echo third
true; false; echo $?
if ! false; then echo not; fi
for x in a b; do echo $x; done | cat
while read line; do echo "<$line>"; done <<END
one
two words
END
[ -n "$x" ] && { echo n; } || { echo z; }
