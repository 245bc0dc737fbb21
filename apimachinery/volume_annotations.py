"""What controllers of volumes write on claims and volumes (``component-helpers/storage/volume``, v0.36)."""

BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
"""On a claim that has been bound: from now on a missing volume is a loss, and no reason to look for another."""

BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"
"""On claims and volumes whose side of the binding the controller has chosen, and may undo."""

PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
"""On volumes that were made for a claim: by which provisioner."""

STORAGE_PROVISIONER = "volume.kubernetes.io/storage-provisioner"
"""On claims that a volume is to be made for: by which provisioner."""

BETA_STORAGE_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner"
"""The same under its older name."""

SELECTED_NODE = "volume.kubernetes.io/selected-node"
"""On claims whose volume is to be made where a pod runs: on which node."""

YES = "yes"
"""The value of those that say enough by being there."""
