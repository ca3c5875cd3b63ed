"""Copies of the whole site: database, files, settings. docs/decisions/0036-backup.md tells why they are as they are."""
