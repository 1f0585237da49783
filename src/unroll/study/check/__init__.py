"""`unroll check`: is this cell one that scans and trainings can rely on?"""
