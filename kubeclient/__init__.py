"""An asyncio client of the Kubernetes API, and what controllers are built from.

:class:`~kubeclient.client.Client` speaks HTTP; :class:`~kubeclient.informer.Informer` keeps a cache in step by
list and watch; :class:`~kubeclient.workqueue.WorkQueue` hands out keys to reconcile;
:class:`~kubeclient.events.EventRecorder` writes events. None of it knows this project's server: any conformant
API server will do.
"""
