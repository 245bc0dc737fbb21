mkdir -p a/b/c a/.d; echo x > a/one.txt; echo > a/b/two.txt; : > a/b/c/three; ln -s one.txt a/link
find a | sort; echo --; find a -name '*.txt' | sort; find a -type d | sort; find a -type l; find a -type f ! -name '*.txt'; find a/one.txt; (cd a && find | sort | head -n 3)
find a -maxdepth 1 | sort; find a -mindepth 2 -type f | sort; find a -empty | sort; find a -name one.txt -o -name three | sort; find a \( -name b -o -name .d \) -type d | sort; find a -path '*b/c*' | sort
find a -name '*.txt' -exec cat {} \; | sort; find a -type f -exec echo {} + | wc -w; find a -name one.txt -exec echo found {} \; -print; find a -name b -prune -o -type f -print; find a -type f -print0 | tr '\0' '\n' | sort
chmod 640 a/one.txt; find a -perm 640; find a -type f -perm -600 | sort; find a -iname 'ONE*'; find a -size -1c; find a -type f -size +1c; find a -newer a/nothing 2>/dev/null; echo $?; find nothing 2>/dev/null; echo $?
find a -name b -delete 2>/dev/null; echo $?; find a/b -delete; echo $?; ls -A a; find a -name one.txt -exec false \; -print; echo $?; find a -wrong 2>/dev/null; echo $?; find a -name 2>/dev/null; echo $?
