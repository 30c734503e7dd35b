//! The amplitudes of a block of steps, one after the other, from products with the weights at its beginning.
//!
//! With u_h = a_h cos phi_h and v_h = a_h sin phi_h, step t of a block that begins with weights W has
//!
//!     W_t c_t = decay^(t+1) W c_t + learning_rate sum_{h <= t} decay^(t-h+1) (u'_h (u_h c_t) + v'_h (v_h c_t)),
//!
//! u' and v' turned by the learning lag; the same for s_t. That is O(n) for each pair of steps: dot products, which all
//! nodes have to deliver before anyone can go on, and sums. So a step takes one parallel region.
#pragma once

#include "../engines/conditions.hpp"
#include "../state.hpp"

namespace resonance::detail {

//! Steps of a block.
inline constexpr std::ptrdiff_t kBlockSteps = 32;

//! decay^k for k = 0 .. kBlockSteps.
struct Powers {
    explicit Powers(double decay) noexcept;
    double of[kBlockSteps + 1];
};

//! A block of up to kBlockSteps steps. All matrices are rows of nodes, row_stride apart, two rows a step.
template <class Real>
struct Block {
    std::ptrdiff_t steps;
    const Real* columns;   //!< cos phi, sin phi
    const Real* products;  //!< W cos phi, W sin phi, with W at the beginning of the block
    Real* factors;         //!< gets u, v where the network learns
    // Scratch.
    double* resonance;        //!< row_stride
    double* partial_dots;     //!< 4 kBlockSteps for each chunk of nodes
    Real* history = nullptr;  //!< see BlockExchange
};

template <class Real>
class BlockWatch;

//! Amplitudes of the state after the block. `done` gets the number of steps: all, or up to the one that diverged, or
//! after which `watch` stopped it (Status::interrupted). A shard follows its own nodes, and with a history ends with
//! all amplitudes and factors; or with Status::exchange_failed.
template <class Real>
Status advance_amplitudes(State<Real>& state, const Conditions& conditions, const Powers& powers,
                          const Block<Real>& block, BlockWatch<Real>& watch, std::ptrdiff_t& done) noexcept;

extern template Status advance_amplitudes(State<float>&, const Conditions&, const Powers&, const Block<float>&,
                                          BlockWatch<float>&, std::ptrdiff_t&) noexcept;
extern template Status advance_amplitudes(State<double>&, const Conditions&, const Powers&, const Block<double>&,
                                          BlockWatch<double>&, std::ptrdiff_t&) noexcept;

}  // namespace resonance::detail
