#include "resonance/network.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include "engines/entrain.hpp"
#include "engines/fused.hpp"
#include "engines/run.hpp"
#include "kernels/kernels.hpp"
#include "memory.hpp"
#include "parallel.hpp"
#include "phases.hpp"
#include "state.hpp"

namespace resonance {
namespace {

std::size_t size(std::ptrdiff_t n) { return static_cast<std::size_t>(n); }

Status check_time_step(double dt) noexcept {
    return std::isfinite(dt) && dt > 0 ? Status::ok : Status::invalid_time_step;
}

template <class Source>
bool finite(span<const Source> values) noexcept {
    return detail::kernels<Source>().all_finite(values.data(), static_cast<std::ptrdiff_t>(values.size()));
}

//! NaN may be among them.
template <class Source>
bool any_infinite(span<const Source> values) noexcept {
    unsigned infinite = 0;
    for (const Source value : values) infinite |= std::abs(value) > std::numeric_limits<Source>::max() ? 1U : 0U;
    return infinite != 0;
}

template <class Real, class Source>
bool fits(span<const Source> values) noexcept {
    if (!finite(values)) return false;
    if constexpr (sizeof(Source) > sizeof(Real)) {
        const auto largest = static_cast<Source>(std::numeric_limits<Real>::max());
        return std::all_of(values.begin(), values.end(), [&](Source x) { return std::abs(x) <= largest; });
    }
    return true;
}

double largest_magnitude(const double* values, std::ptrdiff_t n) noexcept {
    double largest = 0;
    for (std::ptrdiff_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(values[i]));
    return largest;
}

}  // namespace

template <class Real>
Network<Real>::Network(std::unique_ptr<detail::State<Real>> state, std::unique_ptr<detail::Scratch> scratch) noexcept
    : state_(std::move(state)), scratch_(std::move(scratch)) {}

template <class Real>
Network<Real>::~Network() = default;

template <class Real>
Status Network<Real>::create(std::ptrdiff_t n, std::unique_ptr<Network>& network) noexcept {
    if (n < 1) return Status::invalid_size;
    std::unique_ptr<detail::State<Real>> state(new (std::nothrow) detail::State<Real>);
    if (state == nullptr || !state->allocate(n)) return Status::out_of_memory;
    std::fill_n(state->amplitudes, n, Real(1));
    std::unique_ptr<detail::Scratch> scratch(new (std::nothrow) detail::Scratch);
    if (scratch == nullptr) return Status::out_of_memory;
    std::unique_ptr<Network> made(new (std::nothrow) Network(std::move(state), std::move(scratch)));
    if (made == nullptr) return Status::out_of_memory;
    network = std::move(made);
    return Status::ok;
}

template <class Real>
Status Network<Real>::assign(const Network& other) noexcept {
    if (other.n_nodes() != n_nodes()) return Status::invalid_size;
    if (&other == this) return Status::ok;
    state_->assign(*other.state_);
    hyperparameters_ = other.hyperparameters_;
    threads_setting_ = other.threads_setting_;
    tolerance_ = other.tolerance_;
    return Status::ok;
}

template <class Real>
Status Network<Real>::update(span<const double> input, double dt, bool learn) noexcept {
    if (input.size() != size(n_nodes())) return Status::invalid_size;
    if (const Status status = check_time_step(dt); status != Status::ok) return status;
    const Status status = step_fused(*state_, conditions(dt, learn), input.data(), true);
    // Phases that are not finite tell of an input that isn't: no pass of its own to look for it.
    return status == Status::phase_overflow && !finite(input) ? Status::non_finite : status;
}

template <class Real>
Status Network<Real>::update(double input, double dt, bool learn) noexcept {
    if (const Status status = check_time_step(dt); status != Status::ok) return status;
    const Status status = step_fused(*state_, conditions(dt, learn), &input, false);
    return status == Status::phase_overflow && !std::isfinite(input) ? Status::non_finite : status;
}

template <class Real>
Status Network<Real>::run(const Inputs& inputs, double dt, bool learn, Interrupt interrupt,
                          std::int64_t& completed) noexcept {
    completed = 0;
    if (inputs.rows < 0 || inputs.hold < 0) return Status::invalid_size;
    if (const Status status = check_time_step(dt); status != Status::ok) return status;
    const std::ptrdiff_t count = inputs.rows * (inputs.per_node ? n_nodes() : 1);
    if (!finite(span<const double>(inputs.values, size(count)))) return Status::non_finite;
    // The whole run is refused before its first step where its phases could leave the range of float64.
    const double fastest = detail::kTwoPi * largest_magnitude(state_->frequencies, n_nodes()) * dt +
                           largest_magnitude(inputs.values, count) * dt;
    if (!std::isfinite(fastest)) return Status::phase_overflow;
    const Status status = detail::run(*state_, conditions(dt, learn), inputs, *scratch_, interrupt, completed);
    // What overflows later on can only be the coupling.
    return status == Status::phase_overflow && completed > 0 ? Status::diverged : status;
}

template <class Real>
template <class Source>
Status Network<Real>::entrain(span<const Source> offsets, std::optional<double> fading_factor, Interrupt interrupt,
                              std::int64_t& completed) noexcept {
    completed = 0;
    if (offsets.size() % size(n_nodes()) != 0) return Status::invalid_size;
    if (fading_factor && !(*fading_factor >= 0 && *fading_factor <= 1)) return Status::invalid_value;
    if (any_infinite(offsets)) return Status::non_finite;
    const auto rows = static_cast<std::int64_t>(offsets.size() / size(n_nodes()));
    const detail::OffsetRows<Real, Source> presentations(*state_, offsets.data(), threads());
    return detail::entrain(*state_, presentations, rows, fading_factor, threads(), *scratch_, interrupt, completed);
}

template <class Real>
Status Network<Real>::entrain(span<const Real> rows, const Encoding<Real>& encoding,
                              std::optional<double> fading_factor, Interrupt interrupt,
                              std::int64_t& completed) noexcept {
    completed = 0;
    const std::size_t n = size(n_nodes()), columns = encoding.projection.size() / n;
    if (columns == 0 || encoding.projection.size() % n != 0 || encoding.shift.size() != n || rows.size() % columns != 0)
        return Status::invalid_size;
    if (fading_factor && !(*fading_factor >= 0 && *fading_factor <= 1)) return Status::invalid_value;
    if (!finite(rows) || !finite(encoding.projection) || !finite(encoding.shift)) return Status::non_finite;
    const auto count = static_cast<std::int64_t>(rows.size() / columns);
    const detail::EncodedRows<Real> presentations(*state_, rows.data(), encoding, threads());
    return detail::entrain(*state_, presentations, count, fading_factor, threads(), *scratch_, interrupt, completed);
}

template <class Real>
detail::Conditions Network<Real>::conditions(double dt, bool learn) const noexcept {
    return {hyperparameters_, dt, learn, threads(), tolerance_};
}

template <class Real>
std::ptrdiff_t Network<Real>::n_nodes() const noexcept {
    return state_->n;
}

template <class Real>
std::int64_t Network<Real>::step_count() const noexcept {
    return state_->step_count;
}

template <class Real>
double Network<Real>::time() const noexcept {
    return state_->time;
}

template <class Real>
std::int64_t Network<Real>::presentation_count() const noexcept {
    return state_->presentation_count;
}

template <class Real>
span<const double> Network<Real>::phases() const noexcept {
    return {state_->phases, size(n_nodes())};
}

template <class Real>
span<const double> Network<Real>::frequencies() const noexcept {
    return {state_->frequencies, size(n_nodes())};
}

template <class Real>
span<const double> Network<Real>::initial_phases() const noexcept {
    return {state_->initial_phases, size(n_nodes())};
}

template <class Real>
span<const Real> Network<Real>::amplitudes() const noexcept {
    return {state_->amplitudes, size(n_nodes())};
}

template <class Real>
const Real* Network<Real>::weights() const noexcept {
    return state_->weights;
}

template <class Real>
std::ptrdiff_t Network<Real>::weight_stride() const noexcept {
    return state_->stride;
}

template <class Real>
Status Network<Real>::set_phases(span<const double> phases) noexcept {
    if (phases.size() != size(n_nodes())) return Status::invalid_size;
    if (!finite(phases)) return Status::non_finite;
    std::transform(phases.begin(), phases.end(), state_->phases, detail::wrap_phase);
    state_->sums_current = false;
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_frequencies(span<const double> frequencies) noexcept {
    if (frequencies.size() != size(n_nodes())) return Status::invalid_size;
    if (!finite(frequencies)) return Status::non_finite;
    std::copy(frequencies.begin(), frequencies.end(), state_->frequencies);
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_initial_phases(span<const double> phases) noexcept {
    if (phases.size() != size(n_nodes())) return Status::invalid_size;
    if (!finite(phases)) return Status::non_finite;
    std::transform(phases.begin(), phases.end(), state_->initial_phases, detail::wrap_phase);
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_amplitudes(span<const double> amplitudes) noexcept {
    if (amplitudes.size() != size(n_nodes())) return Status::invalid_size;
    if (!fits<Real>(amplitudes)) return Status::non_finite;
    std::transform(amplitudes.begin(), amplitudes.end(), state_->amplitudes,
                   [](double x) { return static_cast<Real>(x); });
    return Status::ok;
}

template <class Real>
template <class Source>
Status Network<Real>::set_weight_rows(std::ptrdiff_t first, span<const Source> rows) noexcept {
    const std::size_t n = size(n_nodes());
    if (first < 0 || rows.size() % n != 0 || size(first) + rows.size() / n > n) return Status::invalid_size;
    if (!fits<Real>(rows)) return Status::non_finite;
    Real* out = state_->weights + first * state_->stride;
    for (const Source* row = rows.begin(); row != rows.end(); row += n, out += state_->stride) {
        std::transform(row, row + n, out, [](Source x) { return static_cast<Real>(x); });
        std::fill(out + n, out + state_->columns, Real(0));  // an overflow may have left NaNs there
    }
    state_->sums_current = false;
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_clock(std::int64_t step_count, double time) noexcept {
    if (step_count < 0 || !std::isfinite(time)) return Status::invalid_value;
    state_->step_count = step_count;
    state_->time = time;
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_presentation_count(std::int64_t count) noexcept {
    if (count < 0) return Status::invalid_value;
    state_->presentation_count = count;
    return Status::ok;
}

template <class Real>
const Hyperparameters& Network<Real>::hyperparameters() const noexcept {
    return hyperparameters_;
}

template <class Real>
Status Network<Real>::set_hyperparameters(const Hyperparameters& hyperparameters) noexcept {
    if (const Status status = validate(hyperparameters); status != Status::ok) return status;
    hyperparameters_ = hyperparameters;
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_tolerance(double tolerance) noexcept {
    if (!std::isfinite(tolerance) || tolerance <= 0) return Status::invalid_value;
    tolerance_ = tolerance;
    return Status::ok;
}

template <class Real>
double Network<Real>::tolerance() const noexcept {
    return tolerance_;
}

template <class Real>
Status Network<Real>::set_threads(int threads) noexcept {
    if (threads < 0) return Status::invalid_value;
    threads_setting_ = threads;
    return Status::ok;
}

template <class Real>
int Network<Real>::threads_setting() const noexcept {
    return threads_setting_;
}

template <class Real>
int Network<Real>::threads() const noexcept {
    return detail::threads_for(n_nodes(), threads_setting_);
}

template <class Real>
Status Network<Real>::pin_amplitudes(span<const std::int64_t> nodes, span<const double> amplitudes) noexcept {
    if (nodes.size() != amplitudes.size()) return Status::invalid_size;
    for (const std::int64_t node : nodes)
        if (node < 0 || node >= n_nodes()) return Status::invalid_size;
    if (!fits<Real>(amplitudes)) return Status::non_finite;
    for (std::size_t k = 0; k < nodes.size(); ++k) {
        const std::int64_t node = nodes[k];
        state_->amplitude_pins[node] = 1;
        state_->pinned_amplitudes[node] = state_->amplitudes[node] = static_cast<Real>(amplitudes[k]);
        state_->any_amplitude_pinned = true;
    }
    return Status::ok;
}

template <class Real>
Status Network<Real>::pin_phases(span<const std::int64_t> nodes, span<const double> phases) noexcept {
    if (nodes.size() != phases.size()) return Status::invalid_size;
    for (const std::int64_t node : nodes)
        if (node < 0 || node >= n_nodes()) return Status::invalid_size;
    if (!finite(phases)) return Status::non_finite;
    for (std::size_t k = 0; k < nodes.size(); ++k) {
        const std::int64_t node = nodes[k];
        state_->phase_pins[node] = 1;
        state_->pinned_phases[node] = state_->phases[node] = detail::wrap_phase(phases[k]);
        state_->any_phase_pinned = true;
        state_->sums_current = false;
    }
    return Status::ok;
}

template <class Real>
Status Network<Real>::unpin(span<const std::int64_t> nodes) noexcept {
    for (const std::int64_t node : nodes)
        if (node < 0 || node >= n_nodes()) return Status::invalid_size;
    for (const std::int64_t node : nodes) state_->amplitude_pins[node] = state_->phase_pins[node] = 0;
    const auto any = [&](const unsigned char* pins) {
        return std::any_of(pins, pins + n_nodes(), [](unsigned char pin) { return pin != 0; });
    };
    state_->any_amplitude_pinned = any(state_->amplitude_pins);
    state_->any_phase_pinned = any(state_->phase_pins);
    return Status::ok;
}

template <class Real>
span<const unsigned char> Network<Real>::amplitude_pins() const noexcept {
    return {state_->amplitude_pins, size(n_nodes())};
}

template <class Real>
span<const unsigned char> Network<Real>::phase_pins() const noexcept {
    return {state_->phase_pins, size(n_nodes())};
}

template <class Real>
span<const Real> Network<Real>::pinned_amplitudes() const noexcept {
    return {state_->pinned_amplitudes, size(n_nodes())};
}

template <class Real>
span<const double> Network<Real>::pinned_phases() const noexcept {
    return {state_->pinned_phases, size(n_nodes())};
}

template <class Real>
bool Network<Real>::owns(const void* pointer) const noexcept {
    const auto* begin = static_cast<const unsigned char*>(state_->memory);
    const auto* p = static_cast<const unsigned char*>(pointer);
    return p >= begin && p < begin + state_->memory_bytes;
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
template Status Network<float>::set_weight_rows(std::ptrdiff_t, span<const float>) noexcept;
template Status Network<float>::set_weight_rows(std::ptrdiff_t, span<const double>) noexcept;
template Status Network<double>::set_weight_rows(std::ptrdiff_t, span<const float>) noexcept;
template Status Network<double>::set_weight_rows(std::ptrdiff_t, span<const double>) noexcept;

}  // namespace resonance
