#include "resonance/network.hpp"

#include <algorithm>
#include <cmath>

#include "network/values.hpp"
#include "phases.hpp"
#include "products.hpp"
#include "state.hpp"

namespace resonance {

using detail::finite, detail::fits, detail::size;

namespace {

void copy_wrapped(span<const double> phases, double* out) noexcept {
    for (const double phase : phases) *out++ = detail::wrap_phase(phase);
}

}  // namespace

template <class Real>
std::ptrdiff_t Network<Real>::n_nodes() const noexcept RESONANCE_NONBLOCKING {
    return state_.n;
}

template <class Real>
bool Network<Real>::has(std::ptrdiff_t node) const noexcept RESONANCE_NONBLOCKING {
    return node >= 0 && node < n_nodes();
}

template <class Real>
span<const double> Network<Real>::phases() const noexcept RESONANCE_NONBLOCKING {
    return {state_.phases, size(n_nodes())};
}

template <class Real>
Status Network<Real>::set_phases(span<const double> phases) noexcept RESONANCE_NONBLOCKING {
    if (phases.size() != size(n_nodes())) return Status::invalid_size;
    if (!finite(phases)) return Status::non_finite;
    copy_wrapped(phases, state_.phases);
    detail::phases_have_changed(state_);
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_phase(std::ptrdiff_t node, double phase) noexcept RESONANCE_NONBLOCKING {
    if (!has(node)) return Status::invalid_node;
    if (!std::isfinite(phase)) return Status::non_finite;
    detail::move_phase(state_, node, detail::wrap_phase(phase));
    return Status::ok;
}

template <class Real>
span<const double> Network<Real>::frequencies() const noexcept RESONANCE_NONBLOCKING {
    return {state_.frequencies, size(n_nodes())};
}

template <class Real>
Status Network<Real>::set_frequencies(span<const double> frequencies) noexcept RESONANCE_NONBLOCKING {
    if (frequencies.size() != size(n_nodes())) return Status::invalid_size;
    if (!finite(frequencies)) return Status::non_finite;
    std::copy(frequencies.begin(), frequencies.end(), state_.frequencies);
    return Status::ok;
}

template <class Real>
span<const double> Network<Real>::initial_phases() const noexcept RESONANCE_NONBLOCKING {
    return {state_.initial_phases, size(n_nodes())};
}

template <class Real>
Status Network<Real>::set_initial_phases(span<const double> phases) noexcept RESONANCE_NONBLOCKING {
    if (phases.size() != size(n_nodes())) return Status::invalid_size;
    if (!finite(phases)) return Status::non_finite;
    copy_wrapped(phases, state_.initial_phases);
    return Status::ok;
}

template <class Real>
span<const Real> Network<Real>::amplitudes() const noexcept RESONANCE_NONBLOCKING {
    return {state_.amplitudes, size(n_nodes())};
}

template <class Real>
Status Network<Real>::set_amplitudes(span<const double> amplitudes) noexcept RESONANCE_NONBLOCKING {
    if (amplitudes.size() != size(n_nodes())) return Status::invalid_size;
    if (!fits<Real>(amplitudes)) return Status::non_finite;
    std::transform(amplitudes.begin(), amplitudes.end(), state_.amplitudes,
                   [](double x) { return static_cast<Real>(x); });
    return Status::ok;
}

template <class Real>
Status Network<Real>::outputs(span<Real> values) const noexcept RESONANCE_NONBLOCKING {
    if (values.size() != size(n_nodes())) return Status::invalid_size;
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = state_.amplitudes[i] * state_.cosines[i];
    return Status::ok;
}

template <class Real>
span<const double> Network<Real>::cosine_sums() const noexcept RESONANCE_NONBLOCKING {
    return {state_.cosine_sums, state_.sums_current ? size(n_nodes()) : 0};
}

template <class Real>
span<const double> Network<Real>::sine_sums() const noexcept RESONANCE_NONBLOCKING {
    return {state_.sine_sums, state_.sums_current ? size(n_nodes()) : 0};
}

template <class Real>
Status Network<Real>::set_sums(span<const double> cosine_sums,
                               span<const double> sine_sums) noexcept RESONANCE_NONBLOCKING {
    if (cosine_sums.size() != size(n_nodes()) || sine_sums.size() != size(n_nodes())) return Status::invalid_size;
    if (!finite(cosine_sums) || !finite(sine_sums)) return Status::non_finite;
    std::copy(cosine_sums.begin(), cosine_sums.end(), state_.cosine_sums);
    std::copy(sine_sums.begin(), sine_sums.end(), state_.sine_sums);
    state_.sums_current = true;
    return Status::ok;
}

template class Network<float>;
template class Network<double>;

}  // namespace resonance
