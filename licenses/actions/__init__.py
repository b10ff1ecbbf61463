"""Hold every change to licences and documents, one module per journey."""
