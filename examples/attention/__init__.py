"""A small transformer that reads source code, with and without phase alignment."""
