#include "resonance/status.hpp"

namespace resonance {

const char* to_string(Status status) noexcept RESONANCE_NONBLOCKING {
    switch (status) {
        case Status::ok: return "ok";
        case Status::invalid_size: return "an array is not of the length that the network needs";
        case Status::invalid_value: return "a number is outside its range";
        case Status::invalid_time_step: return "the time step is not finite or not above 0";
        case Status::non_finite: return "an array holds a NaN, an infinity, or a value too large for its type";
        case Status::phase_overflow: return "input, coupling and time step drive a phase beyond the range of float64";
        case Status::diverged: return "the weights, or what they drive, have grown beyond the range of their type";
        case Status::interrupted: return "stopped on request after a completed step";
        case Status::out_of_memory: return "not enough memory";
        case Status::unavailable: return "this machine or build lacks what was asked for";
        case Status::invalid_node: return "a node's index is below 0 or not below the number of nodes";
        case Status::foreign_snapshot: return "not a snapshot of a network of this size, type and version";
        case Status::overflow: return "a result is beyond the range of its type";
        case Status::exchange_failed: return "the ranks of the network could not exchange what all have to know";
        case Status::rank_exceeded: return "the rank of the weights exceeds what was allowed, within the tolerance";
    }
    return "unknown status";
}

}  // namespace resonance
