mkdir a; mkdir -p b/c/d; ls; mkdir a 2>/dev/null; echo $?; mkdir x/y 2>/dev/null; echo $?
touch f g; ls; touch -c nope; ls; rm f; ls; rm f 2>/dev/null; echo $?; rm -f f; echo $?; rm a 2>/dev/null; echo $?
rmdir a; rmdir b 2>/dev/null; echo $?; rm -r b; ls; rm -rf nothing; echo $?
echo one > one; cp one two; cat two; cp one two three 2>/dev/null; echo $?; mkdir dir; cp one two dir; ls dir; cp -r dir other; ls other; cp dir x 2>/dev/null; echo $?
mv one uno; ls; mv uno dir; ls dir; mv dir moved; ls moved; mv nothing x 2>/dev/null; echo $?; mv moved/uno .; cat uno
ln -s uno link; cat link; readlink link; [ -L link ] && echo link; echo through > link; cat uno; rm uno; cat link 2>/dev/null; echo $?; [ -e link ]; echo $?; ln -s link 2>/dev/null; echo $?; rm link
ln -s moved dirlink; ls dirlink; cd dirlink; ls; cd ..; readlink -f dirlink | xargs basename
touch m; chmod 600 m; stat -c %a m; chmod u+x,go+r m; stat -c %a m; chmod a-w m; stat -c %a m; chmod go= m; stat -c '%a %A' m; chmod 755 m; stat -c '%a %A %F %s %n' m
umask 027; touch um; mkdir umd; stat -c %a um umd; umask 022
printf 12345 > size; stat -c %s size; [ -s size ] && echo nonempty; : > size; [ -s size ] || echo empty; stat -c %F size
ls -a moved; ls -A moved; ls -d moved; ls -1 moved other; ls nothing 2>/dev/null || echo no; touch moved/.dot; ls moved; ls -A moved; ls -R other
printf 'x' > p; cp -p p q; chmod 444 p; cp p r; stat -c %a r; [ -r p ] && [ -f p ] && [ ! -d p ] && echo kinds
ln -s loop1 loop2; ln -s loop2 loop1; cat loop1 2>/dev/null; echo $?; ls -d loop1
echo abc > dst; ln -sf dst l; cat l; ln -sf size l; readlink l; echo . .. | tr ' ' '\n'; cd moved/../other/.; ls; cd ..
test -x m; echo $?; test -x dst; echo $?; test -w dst; echo $?; [ moved -ef moved/. ] && echo same
