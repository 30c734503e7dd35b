#include "resonance/network.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "engines/entrain.hpp"
#include "engines/factored.hpp"
#include "engines/fused.hpp"
#include "engines/run.hpp"
#include "engines/sparse.hpp"
#include "factored/factors.hpp"
#include "network/values.hpp"
#include "phases.hpp"
#include "products.hpp"
#include "sparse/pass.hpp"
#include "state.hpp"

namespace resonance {

using detail::finite, detail::size;

namespace {

Status check_time_step(double dt) noexcept {
    return std::isfinite(dt) && dt > 0 ? Status::ok : Status::invalid_time_step;
}

//! NaN may be among them.
template <class Source>
bool any_infinite(span<const Source> values) noexcept {
    unsigned infinite = 0;
    for (const Source value : values) infinite |= std::abs(value) > std::numeric_limits<Source>::max() ? 1U : 0U;
    return infinite != 0;
}

double largest_magnitude(const double* values, std::ptrdiff_t n) noexcept {
    double largest = 0;
    for (std::ptrdiff_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(values[i]));
    return largest;
}

template <class Real, class Input>
Status step_any(detail::State<Real>& state, const detail::Conditions& conditions, const Input* input,
                bool per_node) noexcept {
    if (state.storage == WeightStorage::factored) return step_factored(state, conditions, input, per_node);
    if (state.storage == WeightStorage::sparse) return step_sparse(state, conditions, input, per_node);
    return step_fused(state, conditions, input, per_node);
}

//! Phases that are not finite tell of an input that isn't: no pass of its own to look for it.
template <class Real, class Input>
Status step(detail::State<Real>& state, const detail::Conditions& conditions, span<const Input> input) noexcept {
    if (input.size() != size(state.n)) return Status::invalid_size;
    if (const Status status = check_time_step(conditions.dt); status != Status::ok) return status;
    const Status status = step_any(state, conditions, input.data(), true);
    return status == Status::phase_overflow && !finite(input) ? Status::non_finite : status;
}

}  // namespace

template <class Real>
Status Network<Real>::update(span<const double> input, double dt) noexcept RESONANCE_NONBLOCKING {
    return step(state_, conditions(dt), input);
}

template <class Real>
Status Network<Real>::update(span<const float> input, double dt) noexcept RESONANCE_NONBLOCKING {
    return step(state_, conditions(dt), input);
}

template <class Real>
Status Network<Real>::update(double input, double dt) noexcept RESONANCE_NONBLOCKING {
    if (const Status status = check_time_step(dt); status != Status::ok) return status;
    const Status status = step_any(state_, conditions(dt), &input, false);
    return status == Status::phase_overflow && !std::isfinite(input) ? Status::non_finite : status;
}

template <class Real>
Status Network<Real>::run(const Inputs& inputs, double dt, Interrupt interrupt, std::int64_t& completed) noexcept {
    return run_watched(inputs, dt, nullptr, interrupt, completed);
}

template <class Real>
Status Network<Real>::run(const Inputs& inputs, double dt, Observer<Real>& observer, Interrupt interrupt,
                          std::int64_t& completed) noexcept {
    return run_watched(inputs, dt, &observer, interrupt, completed);
}

template <class Real>
Status Network<Real>::run_watched(const Inputs& inputs, double dt, Observer<Real>* observer, Interrupt interrupt,
                                  std::int64_t& completed) noexcept {
    completed = 0;
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    if (inputs.rows < 0 || inputs.hold < 0 || inputs.skip < 0 ||
        (inputs.skip > 0 && (inputs.rows == 0 || inputs.skip >= inputs.hold)) ||
        (inputs.hold > 0 && inputs.rows > most / inputs.hold) || inputs.rows > most / n_nodes())
        return Status::invalid_size;
    if (const Status status = check_time_step(dt); status != Status::ok) return status;
    const std::ptrdiff_t count = inputs.rows * (inputs.per_node ? n_nodes() : 1);
    if (!finite(span<const double>(inputs.values, size(count)))) return Status::non_finite;
    // The whole run is refused before its first step where its phases could leave the range of float64.
    if (!phases_fit(largest_magnitude(inputs.values, count), dt)) return Status::phase_overflow;
    detail::Timeline timeline(inputs, n_nodes());
    return advance(timeline, conditions(dt), scratch_, {interrupt, observer}, completed);
}

template <class Real>
bool Network<Real>::phases_fit(double largest_input, double dt) const noexcept {
    return std::isfinite(detail::kTwoPi * largest_magnitude(state_.frequencies, n_nodes()) * dt + largest_input * dt +
                         detail::kLargestNormal * conditions(dt).noise_scale());
}

template <class Real>
Status Network<Real>::advance(detail::Timeline& timeline, const detail::Conditions& conditions,
                              detail::Scratch& scratch, const detail::Watch<Real>& watch,
                              std::int64_t& completed) noexcept {
    const Status status = detail::run(state_, conditions, timeline, scratch, watch, completed);
    if (state_.factors != nullptr) state_.factors->release_base();
    if (!state_.sums_current) detail::phases_have_changed(state_);  // blocks of steps keep cosines of their own
    // What overflows later on can only be the coupling.
    return status == Status::phase_overflow && completed > 0 ? Status::diverged : status;
}

template <class Real>
template <class Source>
Status Network<Real>::entrain(span<const Source> offsets, std::optional<double> fading_factor, Interrupt interrupt,
                              std::int64_t& completed) noexcept RESONANCE_NONBLOCKING {
    completed = 0;
    if (offsets.size() % size(n_nodes()) != 0) return Status::invalid_size;
    if (fading_factor && !(*fading_factor >= 0 && *fading_factor <= 1)) return Status::invalid_value;
    if (any_infinite(offsets)) return Status::non_finite;
    const auto rows = static_cast<std::int64_t>(offsets.size() / size(n_nodes()));
    const detail::OffsetRows<Real, Source> presentations(state_, offsets.data(), threads());
    return detail::entrain(state_, presentations, rows, fading_factor, conditions(1), scratch_, interrupt, completed);
}

template <class Real>
Status Network<Real>::entrain(span<const Real> rows, const Encoding<Real>& encoding,
                              std::optional<double> fading_factor, Interrupt interrupt,
                              std::int64_t& completed) noexcept RESONANCE_NONBLOCKING {
    completed = 0;
    const std::size_t n = size(n_nodes()), columns = encoding.projection.size() / n;
    if (columns == 0 || encoding.projection.size() % n != 0 || encoding.shift.size() != n || rows.size() % columns != 0)
        return Status::invalid_size;
    if (fading_factor && !(*fading_factor >= 0 && *fading_factor <= 1)) return Status::invalid_value;
    if (!finite(rows) || !finite(encoding.projection) || !finite(encoding.shift)) return Status::non_finite;
    const auto count = static_cast<std::int64_t>(rows.size() / columns);
    const detail::EncodedRows<Real> presentations(state_, rows.data(), encoding, threads());
    return detail::entrain(state_, presentations, count, fading_factor, conditions(1), scratch_, interrupt, completed);
}

template <class Real>
detail::Conditions Network<Real>::conditions(double dt) const noexcept RESONANCE_NONBLOCKING {
    return {hyperparameters_, dt, learning_, detail::threads_for(state_, threads_setting_), tolerance_};
}

template class Network<float>;
template class Network<double>;

#define RESONANCE_INSTANTIATE(Real, Source)                                                      \
    template Status Network<Real>::entrain(span<const Source>, std::optional<double>, Interrupt, \
                                           std::int64_t&) noexcept;
RESONANCE_INSTANTIATE(float, float)
RESONANCE_INSTANTIATE(float, double)
RESONANCE_INSTANTIATE(double, float)
RESONANCE_INSTANTIATE(double, double)

}  // namespace resonance
