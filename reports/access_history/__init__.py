"""Who had access to which licence, from when to when, decided by whom: read from the trail, for an auditor.

A grant that was taken away leaves no row, and who was blocked last year no trace but in the trail. It is played
again, line by line, by the rule of R25 (`replay`), and `table` writes down what came of it. What is older than the
trail, or came past it, begins with what the rows say of it (`baseline`).
"""
