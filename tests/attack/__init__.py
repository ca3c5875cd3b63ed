"""Attacks from outside on a site that runs as on a server: `make attack`. Its short forms are tests like others."""
