#include "resonance/network.hpp"

#include "network/values.hpp"
#include "pins.hpp"
#include "state.hpp"

namespace resonance {

using detail::finite, detail::fits, detail::size;

template <class Real>
Status Network<Real>::pin(std::ptrdiff_t node, double amplitude) noexcept RESONANCE_NONBLOCKING {
    const std::int64_t nodes[] = {node};
    return pin(span<const std::int64_t>(nodes, 1), span<const double>(&amplitude, 1));
}

template <class Real>
Status Network<Real>::pin(std::ptrdiff_t node, double amplitude, double phase) noexcept RESONANCE_NONBLOCKING {
    const std::int64_t nodes[] = {node};
    return pin(span<const std::int64_t>(nodes, 1), span<const double>(&amplitude, 1), span<const double>(&phase, 1));
}

template <class Real>
Status Network<Real>::pin(span<const std::int64_t> nodes,
                          span<const double> amplitudes) noexcept RESONANCE_NONBLOCKING {
    if (nodes.size() != amplitudes.size()) return Status::invalid_size;
    for (const std::int64_t node : nodes)
        if (!has(node)) return Status::invalid_node;
    if (!fits<Real>(amplitudes)) return Status::non_finite;
    for (std::size_t k = 0; k < nodes.size(); ++k)
        detail::hold_amplitude(state_, nodes[k], static_cast<Real>(amplitudes[k]));
    return Status::ok;
}

template <class Real>
Status Network<Real>::pin(span<const std::int64_t> nodes, span<const double> amplitudes,
                          span<const double> phases) noexcept RESONANCE_NONBLOCKING {
    if (nodes.size() != phases.size()) return Status::invalid_size;
    if (!finite(phases)) return Status::non_finite;
    if (const Status status = pin(nodes, amplitudes); status != Status::ok) return status;
    // The products follow each phase along a column of W, a cache line for every weight: beyond some n / 8 phases a new
    // pass is cheaper.
    if (nodes.size() > 1 + size(n_nodes()) / 8) state_.sums_current = false;
    for (std::size_t k = 0; k < nodes.size(); ++k) detail::hold_phase(state_, nodes[k], phases[k]);
    return Status::ok;
}

template <class Real>
Status Network<Real>::unpin(std::ptrdiff_t node) noexcept RESONANCE_NONBLOCKING {
    const std::int64_t nodes[] = {node};
    return unpin(span<const std::int64_t>(nodes, 1));
}

template <class Real>
Status Network<Real>::unpin(span<const std::int64_t> nodes) noexcept RESONANCE_NONBLOCKING {
    for (const std::int64_t node : nodes)
        if (!has(node)) return Status::invalid_node;
    for (const std::int64_t node : nodes) detail::let_go(state_, node);
    detail::count_pins(state_);
    return Status::ok;
}

template <class Real>
span<const unsigned char> Network<Real>::amplitude_pins() const noexcept RESONANCE_NONBLOCKING {
    return {state_.amplitude_pins, size(n_nodes())};
}

template <class Real>
span<const unsigned char> Network<Real>::phase_pins() const noexcept RESONANCE_NONBLOCKING {
    return {state_.phase_pins, size(n_nodes())};
}

template <class Real>
span<const Real> Network<Real>::pinned_amplitudes() const noexcept RESONANCE_NONBLOCKING {
    return {state_.pinned_amplitudes, size(n_nodes())};
}

template <class Real>
span<const double> Network<Real>::pinned_phases() const noexcept RESONANCE_NONBLOCKING {
    return {state_.pinned_phases, size(n_nodes())};
}

template class Network<float>;
template class Network<double>;

}  // namespace resonance
