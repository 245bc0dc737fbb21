"""The CronJob controller (``pkg/controller/cronjob``, v1.36)."""
