//! What the C++ tests need of a framework.
#pragma once

#include <cstdio>

namespace resonance::test {

inline int failures = 0, checks = 0;

inline void check(bool passed, const char* text, const char* file, int line) {
    ++checks;
    if (passed) return;
    ++failures;
    if (failures <= 20) std::printf("%s:%d: failed: %s\n", file, line, text);
}

//! To be returned from main().
inline int result() {
    std::printf("%d passed, %d failed\n", checks - failures, failures);
    return failures == 0 && checks > 0 ? 0 : 1;
}

}  // namespace resonance::test

#define CHECK(condition) ::resonance::test::check((condition), #condition, __FILE__, __LINE__)
