//! The version of the library: the only place where it is written.
#pragma once

#define RESONANCE_VERSION_MAJOR 0
#define RESONANCE_VERSION_MINOR 1
#define RESONANCE_VERSION_PATCH 0
