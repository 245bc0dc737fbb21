(set -e; echo a; false; echo never); echo $?
(set -e; false || true; if false; then :; fi; while false; do :; done; echo survives); echo $?
(set -e; ! true; echo negated); echo $?
(set -e; f() { false; echo not in condition; }; f; echo never); echo $?
(set -e; f() { false; echo condition; }; f && echo ok); echo $?
(set -e; x=$(false); echo never); echo $?
(set -e; false | true; echo pipeline); echo $?
(set -e; (exit 4); echo never); echo $?
(set -e; true && false; echo never); echo $?
(set -e; { false; }; echo never); echo $?
(set -e; for i in 1; do false; done; echo never); echo $?
(set -e; case x in x) false;; esac; echo never); echo $?
(set -u; echo ${nothing-default}; echo $nothing; echo never) 2>/dev/null; echo $?
(set -u; set --; echo $# "$@" $*; echo fine); echo $?
(set -f; echo *); set +f
(set -n; echo never); echo after
set -- -x; echo $1
set -e; set +e; false; echo $-| tr -d s
(set -o errexit; false; echo never); echo $?
