"""What is known of the model, derived and measured: ``python -m examples.theory`` fills docs/theory.md."""
