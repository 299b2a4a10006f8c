"""The program `hzclient`: look into a cluster and work with it from a shell. Needs the extra `cli`."""
