//! What the shared library shows to others. Everything else in it is hidden.
#pragma once

#if defined(RESONANCE_EXPORTS) && defined(__GNUC__)
#define RESONANCE_API __attribute__((visibility("default")))
#else
#define RESONANCE_API
#endif
