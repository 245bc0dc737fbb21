mkdir d; touch a.txt b.txt c.log .hidden d/one d/two 'with space'
echo *; echo *.txt; echo ?.log; echo [ab].txt; echo [!ab]*.log
echo d/*; echo */*; echo .h*; echo nothing*; echo "*.txt" \*.txt
for f in *.txt; do echo "<$f>"; done
x='*.log'; echo $x "$x"
ls *.txt | wc -l | tr -d ' '
set -- *; echo $#
echo *space* "$(echo *.log)"
case a.txt in *.txt) echo matches;; esac
p=*.txt; echo $p; q="$p"; echo "$q"
echo /no/such/*; echo d/o*e d/[ot]*
