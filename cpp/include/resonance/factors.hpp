//! Factored weights as they come in and out of a network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "resonance/span.hpp"

namespace resonance {

//! What a pair of vectors u, v adds to W: uu u_i u_j + uv u_i v_j + vu v_i u_j + vv v_i v_j.
struct FactorCore {
    double uu = 0, uv = 0, vu = 0, vv = 0;
};

//! Pairs that share a core, up to a weight for each. Growth of one direction (learning lag, and sign of the learning
//! rate) has a rotation as its core and is compressible; initial weights are not.
struct FactorGroup {
    FactorCore core;
    bool compressible = true;
    double reach = 0;  //!< of initial weights: no weight that a pair's weight of 1 gives exceeds it [1]
};

//! W = base_factor base + the sum over pairs k of weight_k times what u_k, v_k and the core of their group add.
template <class Real>
struct FactoredWeights {
    const Real* rows = nullptr;       //!< u_0, v_0, u_1, v_1, ...: each n values; in a shard, those of its own nodes
    std::ptrdiff_t row_stride = 0;    //!< elements between two of them
    span<const double> pair_weights;  //!< one for each pair, >= 0
    span<const std::uint8_t> pair_groups;
    span<const FactorGroup> groups;
    const Real* base = nullptr;      //!< (n, n), or null; in a shard, its own rows
    std::ptrdiff_t base_stride = 0;  //!< elements between two rows of it
    double base_factor = 0;

    // What decides when and by how much it is compressed next: with these, a copy goes on with the same bits.
    double discarded = 0;      //!< no weight is off by more, through all that was cut off so far
    double rounded = 0;        //!< the same for the rounding of what compressions have left
    double decayed = 1;        //!< product of the decays since the last compression
    std::int64_t full_at = 0;  //!< pairs at which the next one comes; 0 leaves that to the network
    std::int64_t largest = 0;  //!< most pairs that one has left so far
    span<const std::int64_t> pivots;
};

//! How far factored weights may be off.
struct WeightError {
    double discarded = 0;         //!< through what was cut off and rounded off [1]
    double rounding = 0;          //!< of each sum, relative to its largest terms
    double base = 0, growth = 0;  //!< these terms; in a shard those of its own nodes, of which the largest of all count
    //! No weight is off by more [1]. Infinite where weights have diverged.
    double bound() const noexcept {
        const double most = discarded + rounding * (base + growth);
        return most >= 0 ? most : std::numeric_limits<double>::infinity();
    }
};

}  // namespace resonance
