(trap 'echo bye' EXIT; echo body); echo $?
(trap 'echo bye' EXIT; exit 3); echo $?
(trap 'echo status $?' EXIT; false)
(trap 'exit 5' EXIT; exit 3); echo $?
sh -c 'trap "echo term" TERM; kill -TERM $$; echo after'
sh -c 'trap "echo term; exit 6" TERM; kill -TERM $$; echo never'; echo $?
sh -c 'trap "" TERM; kill -TERM $$; echo ignored'
sh -c 'trap "echo int" INT; trap - INT; kill -INT $$; echo never'; echo $?
sh -c 'kill -TERM $$; echo never'; echo $?
sh -c 'kill -9 $$; echo never'; echo $?
sh -c 'trap "echo usr1" USR1; kill -USR1 $$; kill -s USR1 $$'
sh -c 'trap "echo a" TERM; (kill -TERM $$); echo b'
sh -c 'trap "echo inherited" EXIT; (echo sub)'
sh -c 'sleep 60 & kill $!; wait $!; echo $?'
sh -c 'trap "echo out" 0; echo in'
