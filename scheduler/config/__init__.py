"""The scheduler's configuration file: ``KubeSchedulerConfiguration`` of ``kubescheduler.config.k8s.io/v1``."""
