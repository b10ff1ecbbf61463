"""Asking and deciding, for both kinds of requests."""
