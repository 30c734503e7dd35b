//! What all setters of a network ask of the numbers that come.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "kernels/kernels.hpp"
#include "resonance/span.hpp"

namespace resonance::detail {

inline std::size_t size(std::ptrdiff_t n) { return static_cast<std::size_t>(n); }

template <class Source>
bool finite(span<const Source> values) noexcept {
    return kernels<Source>().all_finite(values.data(), static_cast<std::ptrdiff_t>(values.size()));
}

//! Whether all are finite, as numbers of another type too.
template <class Real, class Source>
bool fits(span<const Source> values) noexcept {
    if (!finite(values)) return false;
    if constexpr (sizeof(Source) > sizeof(Real)) {
        const auto largest = static_cast<Source>(std::numeric_limits<Real>::max());
        return std::all_of(values.begin(), values.end(), [&](Source x) { return std::abs(x) <= largest; });
    }
    return true;
}

}  // namespace resonance::detail
