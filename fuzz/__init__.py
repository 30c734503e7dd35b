"""Hostile input for everything that reads arrays, files or arguments: see README.md."""
