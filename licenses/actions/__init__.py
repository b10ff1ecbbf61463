"""Every change to licences and documents. One module per journey."""
