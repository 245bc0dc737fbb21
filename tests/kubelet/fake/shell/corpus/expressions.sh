echo foobar | sed -E 's/(fo|foo)(bar)?/[\1|\2]/'; echo abxd | sed 's/x*/-/g'; echo hello | sed 's/\(x\)*/[\1]/'; echo aaa | sed 's/a/b/2g'
echo abcabc | sed 's/\(abc\)\1/<\1>/'; echo 'key=value' | sed -e 's/^\([^=]*\)=\(.*\)$/\2=\1/'; echo 'a.b.c' | sed 's/[.]/\n/g'; echo aXbXc | sed 's/x/-/Ig'
seq 5 | sed ':a;N;$!ba;s/\n/,/g'; echo aaa | sed ':x;s/a/b/;tx'; seq 6 | sed -n 'N;P;D'; seq 6 | sed 'N;N;s/\n/+/g'; seq 5 | sed '$!N;$!D'; seq 3 | sed 'N;s/\n/-/'
seq 3 | sed '2{s/2/two/;b};s/$/!/'; seq 3 | sed -n '2{=;p}'; seq 3 | sed -n '/2/!p'; seq 4 | sed 'n;d'; seq 3 | sed '1!G;h;$!d'; seq 12 | sed -n '/1/{/2/p}'; echo ab | sed 's/a/x/;Tend;s/b/y/;:end'
printf 'a b\nc d\n' | sed 's/\<./\U&/g'; printf 'hello world\n' | sed -E 's/(\w+) (\w+)/\u\1 \U\2\E!/'; echo ABC | sed 's/.*/\l&/;s/B\(.\)/\L&\E\1/'
printf 'a\tb\\c\303\n' | sed -n l; seq 100 | tr '\n' ' ' | sed -n l; printf 'a\nb\n' | sed -z 's/\n/,/g'; echo; echo x | sed 's/x/a\tb/;s/[\t]/T/'
echo abc > f; sed -i.bak s/b/x/ f; cat f f.bak; echo hello | sed 's/l/L/2w out'; cat out; seq 3 | sed '2r f'; seq 3 | sed -n '2w g'; cat g; sed -s -n '$p' f g; sed -n '$=' f g
seq 3 | sed 'y/123/\nab/'; seq 2 | sed z; seq 3 | sed '/2/c\
changed'; printf 'one\nTWO\n' | sed -n '/two/Ip'; echo a | sed 's/a/\1/' 2> /dev/null; echo $?
echo abc | grep -o -E 'ab|abc'; printf 'foo\nfoobar\nbar foo\nfoo_x\n' | grep -w foo; printf 'foo\nfoobar\nxfoo\n' | grep -x 'foo\|foobar'; echo 'aa bb cd' | grep -oE '(.)\1'
echo 'x{2}' | grep -E 'x{2}|\{'; echo 'a+b' | grep 'a+b'; echo ab | grep -c 'a\+b'; printf 'a1\nb\n' | grep -E '^[[:alpha:]][[:digit:]]?$'; echo 'foo.bar' | grep -F 'o.b'
echo ab | grep -E 'a{1,2}b(c|d)+$'; echo $?; printf '%s\n' 'a]b' 'a-b' | grep '[]-]'; printf 'a\nb\n' | grep -e a -e '\(b\)\1*$'; echo abab | grep -ow 'a'; echo $?; echo 'a a' | grep -ow a
echo "a,b;c" | awk -F'[,;]' '{print $2 $3}'; echo "a  b" | awk '{gsub(/ */,"-");print}'; echo foo123bar | awk '{match($0,/[0-9]+/);print RSTART,RLENGTH}'; echo a/b/c | awk '{n=split($0,p,/\//);print n,p[3]}'
expr abc123 : '[a-z]*'; expr abc123 : '[a-z]*\([0-9]*\)'; expr a.b : '.*\.b$'; expr abc : b; expr aa : '\(a\)\1'
x=foo.tar.gz; echo ${x%.*} ${x%%.*} ${x#*.} ${x##*.} ${x%[gt]z} ${x#[!a-e]*o} ${x%"*"}
case abc in a*d) echo no;; [!x]?c) echo yes;; esac; case 'a]' in *]) echo ok;; esac; case b in [!a-c]) echo no;; *) echo other;; esac; case '[' in [) echo bracket;; esac; case a-b in a[b-]b) echo minus;; esac
mkdir d; touch d/a1.txt d/b2.txt d/c.log; find d -regex 'd/[ab][0-9]\.txt' | sort; find d -regextype posix-extended -regex '.*/(c|a1)\..*' | sort
