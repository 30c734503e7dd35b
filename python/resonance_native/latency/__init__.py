"""The latency of an update in a control loop: what ``resonance-native latency`` measures and shows.

The loop itself is a C++ program of its own, ``cpp/bench/latency.cpp``: an interpreter would be in its way.
"""
