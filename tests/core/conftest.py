"""Property tests have no deadline: a busy machine is not a defect."""

from hypothesis import HealthCheck, settings

settings.register_profile("easel", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("easel")
