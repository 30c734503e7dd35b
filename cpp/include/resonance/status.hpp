//! What every call that can fail returns. Nothing in the library throws.
#pragma once

#include "resonance/export.hpp"
#include "resonance/nonblocking.hpp"

namespace resonance {

enum class [[nodiscard]] Status {
    ok,
    invalid_size,       //!< an array is not of the length that the network needs
    invalid_value,      //!< a number is outside its range
    invalid_time_step,  //!< a time step that is not finite or not above 0
    non_finite,         //!< an array holds a NaN, an infinity, or a value that its type can't hold
    phase_overflow,     //!< input, coupling and time step would drive a phase beyond the range of float64
    diverged,           //!< weights, or what they drive, have grown beyond the range of their type
    interrupted,        //!< the caller asked a run to stop; it stopped after a completed step
    out_of_memory,      //!< an allocation failed
    unavailable,        //!< this machine or build lacks what was asked for
    invalid_node,       //!< a node's index is below 0 or not below the number of nodes
    foreign_snapshot,   //!< not the snapshot of a network of this size, type and version
    overflow,           //!< a result is beyond the range of its type
    rank_exceeded,      //!< factored weights have a rank beyond the most that was allowed, within the tolerance
    exchange_failed,    //!< ranks could not tell each other what all have to know: see Exchange
};

//! One short English clause for `status`, in static storage.
RESONANCE_API const char* to_string(Status status) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance
