"""Every change to people. One module per journey."""
