"""How the system is: one list of checks, for the page in the admin, the command, the probes and Prometheus."""
