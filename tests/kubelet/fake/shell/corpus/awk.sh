# needs: awk
printf 'alice 30 5.5\nbob 25 7\ncarol 41 1e2\n' > t
awk '{print $1}' t; awk '{ print $NF, NF, NR }' t; awk 'NR==2' t; awk '/bob/' t; awk '!/bob/{print $1}' t; awk '$2 > 26 {print $1}' t; awk 'NR>1 && $2<40' t; awk 'END{print NR}' t
awk '{s+=$2} END{print s, s/NR}' t; awk 'BEGIN{FS=":"; OFS="-"} {$1=$1; print}' <<'X'
a:b:c
X
awk -F: '{print $2}' <<'X'
1:2:3
X
awk -F, -v OFS=';' '{$2="x"; print; print NF}' <<'X'
a,b,c
X
awk -F'[:,]' '{print $3}' <<'X'
1:2,3
X
awk -v n=5 -v s='a\tb' 'BEGIN{print n+1, s}'; awk '/bob/,/carol/{print NR": "$0}' t; awk 'NR%2{print "odd", $1; next} {print "even", $1}' t
awk 'BEGIN{printf "%d %i %5.2f|%-6s|%06d|%x|%o|%c|%c|%e|%g|%s|%%\n", 3.9, -3.9, 3.14159, "ab", 42, 255, 8, 65, "hello", 12345.678, 0.0001, "s"}'
awk 'BEGIN{print 1e6, 1e20 > 1, 0.1+0.2, 1/3, 100000*100000, -7%3, 2^10, 2**3, 2^3^2, -2^2, 1==1.0, "a"<"b", "10"<"9", 10<9}'
awk 'BEGIN{print length("hello"), substr("hello",2,3), substr("hello",0), substr("hello",4,99), index("foobar","bar"), toupper("aBc"), tolower("AbC")}'
awk 'BEGIN{n=split("a:b:c",p,":"); print n, p[1], p[3]; n=split("  x  y ",q); print n, q[1]; n=split("",r); print n; n=split("a1b22c",v,/[0-9]+/); print n, v[3]}'
awk 'BEGIN{s="banana"; print gsub(/an/,"<&>",s), s; sub("a","X",s); print s; t="a.b.c"; gsub("\\.","-",t); print t; u="aaa"; print gsub(/x*/,"-",u), u; w="a&b"; sub(/&/,"\\&\\&",w); print w}'
awk 'BEGIN{print match("foobar","o+"), RSTART, RLENGTH; print match("x","y"), RSTART, RLENGTH; print int(3.9), int(-3.9), int("12abc"), sqrt(16), exp(0), log(1), sin(0), cos(0), atan2(0,-1)}'
awk 'BEGIN{a["x"]=1; a["y"]; print ("x" in a), ("z" in a), length(a); delete a["x"]; print ("x" in a); b[1,2]=3; for (k in b) {split(k,p,SUBSEP); print p[1], p[2]}; if ((1,2) in b) print "pair"}'
awk '{c[$2%2]++} END{for (k in c) print k, c[k]}' t | sort; awk '{n[length($1)]=n[length($1)] " " $1} END{for (k in n) print k n[k]}' t | sort
awk 'BEGIN{i=5; print i++ + ++i, i--, --i, -i, !i, !0, !"", !"a"; x=y=3; print x, y; x+=2; x*=3; x-=1; x/=2; x%=4; x^=2; print x; print 1 " " 2, 1+1 "" 2*3, -1 " " -1}'
awk 'BEGIN{while(i<3){i++; if(i==2) continue; print i}; do {print "d" i; i--} while(i>1); for(;;){if(++j>3) break}; print j; for(k=0;k<2;k++) for(l=0;l<2;l++) print k l; if (0) ; else print "else"}'
awk 'function fact(n) {return n<=1 ? 1 : n*fact(n-1)} function fill(a,n,  i) {for(i=1;i<=n;i++) a[i]=i*i} BEGIN{print fact(10); fill(sq,4); print sq[4], length(sq); print noreturn() "|"} function noreturn() {return}'
awk 'BEGIN{x["a"]; if (x["b"]=="") print length(x); $0="p q r"; print NF, $2; $5="t"; print; NF=2; print; $0=""; print NF}'
awk 'BEGIN{while ((getline line < "t") > 0) n++; print n; close("t"); getline line < "t"; print line; "echo one; echo two" | getline w; print w; "echo one; echo two" | getline w; print w; print (getline z < "nothing")}'
awk 'NR==1{getline; print "got", $1} NR==3{print}' t; awk '{print > "out_" NR ".txt"} END{close("out_1.txt")}' t; cat out_1.txt out_3.txt; awk '{print $1 | "sort -r"}' t; awk 'BEGIN{print "err" > "/dev/stderr"; print "x" >> "app"; print "y" >> "app"}' 2>/dev/null; cat app; awk 'BEGIN{r=system("exit 3"); print r}'
awk 'BEGIN{RS=""}{print NR": "$1, NF}' <<'X'
a b

c d
e

X
awk 'BEGIN{RS=";"}{print NR, $0}' <<'X'
1;2;3
X
awk 'BEGIN{ORS="|"; OFS=","} {print $1,$2} END{printf "\n"}' t; awk 'FNR==1{print FILENAME}' t t; awk '{print v, $1}' v=1 t v=2 t | tail -n 4; awk 'BEGIN{print ARGC, ARGV[1]}' x; X=env awk 'BEGIN{print ENVIRON["X"]}'
awk 'BEGIN{exit 3} END{print "end"}'; echo $?; awk '{exit} END{print NR}' t; awk 'BEGIN{print length()}' < /dev/null; awk '{print length}' t; echo 5 | awk '{print $1==5.0, $1=="5", $1<10, $1<"10"}'; echo 'abc' | awk '{print $1<10}'
awk 'BEGIN { if (!("a" in x)) print "no"; print substr("x",2) "|" ; print 1,2 > "/dev/stdout" }'; awk 'BEGIN{print toupper(substr("abc",1,1)) substr("abc",2)}'; awk 'BEGIN{print "a" > "f1"; close("f1"); while((getline l < "f1")>0) print "read " l}'
awk '
# a comment
BEGIN {
  total = 0   # another
  x = 1 +\
      2
  print x
}
{
  total += $2
}
END { print total }' t 2>/dev/null; echo $?
awk 'BEGIN{printf("%d-%d\n", 1, 2); print("a","b"); print (1)(2); print -3 % 2; print 1 - -1; print "x" (1 > 0 ? "y" : "n")}'
awk '{a[NR]=$0} END{for(i=NR;i>0;i--) print a[i]}' t; awk '{$2=""; print}' t; awk '{print $(NF-1)}' t; awk '{NF--; print}' t; awk 'length($1)>3' t; awk '$1 ~ /^a/ || $3 ~ "^7$"' t; awk '$1 !~ /a/' t; awk '{print ($2>30)?"old":"young"}' t
awk 'BEGIN{s="A,B;C"; n=split(s,a,/[,;]/); for(i=1;i<=n;i++) printf "%s%s", a[i], i<n?" ":"\n"}'; awk 'BEGIN{print index("abc",""), "a" "b" == "ab", 1" "2}'; awk 'BEGIN { print 010, 1e3, .5, 5. , "1e2x"+0, +"3", -"3" }'
