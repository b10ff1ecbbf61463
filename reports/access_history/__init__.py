"""Who had access to which licence, from when to when, decided by which admin: from the audit, for an auditor.

A grant that was taken away leaves no row, and a block of last year no trace but in the audit. `replay` applies the
entries one by one by the rule of R25, and `table` writes down the outcome. What is older than the audit, or has no
entry in it, begins with what the rows say (`baseline`).
"""
