HOME=/somewhere
echo 'single $HOME' "double $HOME" plain\ space
echo "a  b"   c    d
echo "escaped \" \\ \$HOME \`x\`" 'it'\''s'
echo "" '' end
printf '<%s>' "" a "b c" '' ; echo
printf '<%s>' "$HOME"x'y'z ; echo
echo "multi
line"
echo joined\
line
echo "joined\
too"
echo a#b '#c' # a comment
echo "$(echo "nested "quotes"")"
echo ~/x "~/x" a~
echo \* "*" '*'
x='a "b" c'; echo $x "$x"
