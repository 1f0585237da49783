"""The playground: the study's ideas under one's own fingers, in a browser on this machine."""
