"""Report from the audit who had which licence, from when to when and decided by which admin."""
