# needs: hexdump od xxd
printf '\336\312\376\272\320\376\377' > dump.bin
hexdump -C dump.bin; hexdump dump.bin; seq 40 | hexdump -C; printf '' | hexdump -C; hexdump -C -n 3 dump.bin; hexdump -C -s 2 dump.bin
head -c 100 /dev/zero | hexdump -C; head -c 100 /dev/zero | hexdump -v | tail -n 2; echo abc | hexdump
od dump.bin; od -c dump.bin; seq 12 | od -c; od -A x -t x1 dump.bin; od -An -tx1 dump.bin; od -An -tu1 dump.bin; od -An -td1 dump.bin; od -b dump.bin; od -x dump.bin; od -An -N 3 -t x1 dump.bin; od -j 2 -An -t o1 dump.bin; head -c 64 /dev/zero | od
printf 'abcdefgh' | od -An -t x4; printf 'abcdefgh' | od -An -t d4; printf 'abcdefgh' | od -An -t u2; printf 'a\tb\0\177\n' | od -c
xxd dump.bin; seq 20 | xxd; xxd -p dump.bin; xxd -l 4 dump.bin; xxd -u dump.bin; xxd -c 4 dump.bin; xxd -g 1 dump.bin; seq 20 | xxd | xxd -r; echo 68656c6c6f0a | xxd -r -p; seq 30 | xxd -p
