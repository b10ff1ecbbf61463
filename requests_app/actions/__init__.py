"""Asking and deciding. One module per kind of request, one for what both share."""
