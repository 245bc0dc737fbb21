# needs: base64 md5sum sha1sum sha256sum sha512sum
echo hello | base64; printf '' | base64; printf a | base64; printf ab | base64; echo aGVsbG8K | base64 -d; seq 40 | base64; seq 40 | base64 -w 0; echo; seq 40 | base64 -w 20 | base64 -d | tail -n 1
echo 'not!base64' | base64 -d > /dev/null 2>&1; echo $?; seq 20000 | base64 | md5sum
echo hello > f; md5sum f; sha1sum f; sha256sum < f; sha512sum f; md5sum f f > sums; md5sum -c sums; echo changed > f; md5sum -c sums 2>/dev/null; echo $?; md5sum nothing 2>/dev/null; echo $?
