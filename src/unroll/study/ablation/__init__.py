"""Which change of training moves the horizon: one change at a time, and all but one."""
