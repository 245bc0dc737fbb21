echo one > a; ln a b; echo two >> b; cat a; stat -c '%h %s' a b; [ a -ef b ] && echo same; rm a; cat b; stat -c %h b
ln b c; ln -s c s; mv c d; [ b -ef d ] && echo still; cat s 2> /dev/null || echo dangling; ln -f d e; ln d e 2> /dev/null || echo there; stat -c %h d
mkdir f; ln b d e f; stat -c %h f/b; mv f/b f/d; ls f; ln f g 2> /dev/null || echo no folders; ln nothing x 2> /dev/null || echo nothing
chmod 600 b; stat -c %a d; find . -samefile b | sort; find . -type f -links +1 | sort
cp -a f copied; stat -c %h copied/d; [ copied/d -ef copied/e ] && echo linked; cp -r f each; stat -c %h each/d each/e; cp -l b again; [ b -ef again ] && echo link
cp b d 2> /dev/null; echo $?; tar cf t.tar f; tar tvf t.tar | grep -c ' -> f/\| link to f/'; mkdir out; tar xf t.tar -C out; [ out/f/d -ef out/f/e ] && echo unpacked; cat out/f/e
link b linked; unlink b; cat linked; echo x > big; ln big big2; du -b big big2 | wc -l; sed -i s/x/y/ big; cat big2; echo z > big2; mv big2 big; cat big; stat -c %h big
