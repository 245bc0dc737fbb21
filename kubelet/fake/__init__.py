"""The fake container runtime: containers are coroutines in a virtual world of files, signals and real sockets."""
