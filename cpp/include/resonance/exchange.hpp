//! How the ranks of a network that is spread over several processes tell each other what all have to know.
#pragma once

#include <cstddef>

#include "resonance/nonblocking.hpp"

namespace resonance {

//! Calls that every rank makes at the same points of its steps, on the thread that advances the network. Each waits
//! until all have made it: they bear the mark of what stands in a control loop since a step has them, but no control
//! loop can hold such a network. False where it fails: what asked for it ends with Status::exchange_failed, and the
//! ranks no longer agree.
struct Exchange {
    //! `values` holds `bytes` bytes for each of the n nodes, those of the rank's own rows in their places; on return it
    //! holds everybody's.
    bool (*gather)(void* context, void* values, std::size_t bytes) noexcept RESONANCE_NONBLOCKING = nullptr;
    //! Adds up `count` floating-point numbers of `bytes` bytes each over all ranks. All ranks get the same bits.
    bool (*sum)(void* context, void* values, std::size_t count,
                std::size_t bytes) noexcept RESONANCE_NONBLOCKING = nullptr;
    void* context = nullptr;
    std::ptrdiff_t rank = 0, ranks = 1;  //!< which this one is, and of how many
};

//! The rows first .. last - 1 of W, which one rank holds. All else of the network every rank has whole, and computes
//! alike.
struct Shard {
    std::ptrdiff_t first = 0, last = 0;
    Exchange exchange;
};

}  // namespace resonance
