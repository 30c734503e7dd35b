//! What each of several presentations has of the weights.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "../node_range.hpp"

namespace resonance::detail {

//! How much of the weights stays through `count` presentations, at most Most, and what each of these adds.
template <class Real, std::size_t Most>
double shares(std::int64_t presented, std::int64_t count, std::optional<double> fading_factor,
              Real (&growth)[Most]) noexcept {
    count = std::clamp<std::int64_t>(count, 0, static_cast<std::int64_t>(Most));
    if (!fading_factor) {
        const double total = static_cast<double>(presented) + static_cast<double>(count);
        std::fill_n(growth, count, static_cast<Real>(1 / total));
        return static_cast<double>(presented) / total;
    }
    double faded = 1;
    for (std::int64_t k = count - 1; k >= 0; --k, faded *= *fading_factor)
        growth[k] = static_cast<Real>((1 - *fading_factor) * faded);
    return faded;
}

//! Where the pairs u, v of the next presentations go, rows of these nodes, and for how many there is room; for none,
//! where it can't be made.
template <class Real>
struct PairRoom {
    Real* rows;  //!< where node 0 of the first row is, or would be
    std::ptrdiff_t stride;
    NodeRange nodes;
    std::int64_t count;
};

}  // namespace resonance::detail
