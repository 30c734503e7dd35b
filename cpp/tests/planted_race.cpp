// Two threads that write to one number. Built where ThreadSanitizer is: a run of the tests that finds no race means
// something only while this one is found, through the same OpenMP and the same helpers.
#include <cstdio>

#include "parallel.hpp"

int main() {
    long steps = 0;
    resonance::detail::for_row_ranges(100000, 1, 2, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        for (; first < last; ++first) steps += 1;
    });
    std::printf("%ld\n", steps);
}
