x="é ü"; echo $x "ß$x" é
case é in é) echo same;; esac
echo ${x%ü} ${x#é} "$é" $xé
printf '%s' "ö" | wc -c | tr -d ' '
echo 'ä' > ö; cat ö; for f in ?; do :; done; ls
echo "日本語 $(echo テスト)" | grep -c 日本
