"""Claims and volumes as the scheduler needs them: what there is, what fits where, and the way to a binding.

The rules are those of upstream's ``pkg/scheduler/framework/plugins/volumebinding`` (v1.36), over all nodes at once.
Volumes of in-tree kinds are taken as they are; upstream looks at them as volumes of the CSI drivers they moved to.
"""
