"""The audit log: who did what, when and from where; entries are added and never changed (decision 34)."""
