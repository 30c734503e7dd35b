"""What is measured in a checkout, beyond the command ``resonance-native bench``."""
