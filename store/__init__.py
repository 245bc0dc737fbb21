"""A watchable key-value store in etcd's model; see :mod:`store.interface` for the contract."""
