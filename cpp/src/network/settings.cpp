#include "resonance/network.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

#include "sparse/pass.hpp"
#include "state.hpp"

namespace resonance {
namespace {

//! Where a count of steps or rows may begin: no program lives to see it overflow from there.
constexpr std::int64_t kMostCounted = std::numeric_limits<std::int64_t>::max() / 2 + 1;

}  // namespace

template <class Real>
const Hyperparameters& Network<Real>::hyperparameters() const noexcept RESONANCE_NONBLOCKING {
    return hyperparameters_;
}

template <class Real>
Status Network<Real>::set_hyperparameters(const Hyperparameters& hyperparameters) noexcept RESONANCE_NONBLOCKING {
    if (const Status status = validate(hyperparameters); status != Status::ok) return status;
    hyperparameters_ = hyperparameters;
    return Status::ok;
}

template <class Real>
void Network<Real>::set_learning(bool learning) noexcept RESONANCE_NONBLOCKING {
    learning_ = learning;
}

template <class Real>
bool Network<Real>::learning() const noexcept RESONANCE_NONBLOCKING {
    return learning_;
}

template <class Real>
double Network<Real>::tolerance() const noexcept RESONANCE_NONBLOCKING {
    return tolerance_;
}

template <class Real>
Status Network<Real>::set_tolerance(double tolerance) noexcept RESONANCE_NONBLOCKING {
    if (!std::isfinite(tolerance) || tolerance <= 0) return Status::invalid_value;
    tolerance_ = tolerance;
    return Status::ok;
}

template <class Real>
int Network<Real>::threads_setting() const noexcept RESONANCE_NONBLOCKING {
    return threads_setting_;
}

template <class Real>
Status Network<Real>::set_threads(int threads) noexcept RESONANCE_NONBLOCKING {
    if (threads < 0) return Status::invalid_value;
    threads_setting_ = threads;
    return Status::ok;
}

template <class Real>
int Network<Real>::threads() const noexcept {
    return detail::threads_for(state_, threads_setting_);
}

template <class Real>
std::uint64_t Network<Real>::noise_seed() const noexcept RESONANCE_NONBLOCKING {
    return state_.noise_seed;
}

template <class Real>
void Network<Real>::set_noise_seed(std::uint64_t seed) noexcept RESONANCE_NONBLOCKING {
    state_.noise_seed = seed;
}

template <class Real>
std::int64_t Network<Real>::step_count() const noexcept RESONANCE_NONBLOCKING {
    return state_.step_count;
}

template <class Real>
double Network<Real>::time() const noexcept RESONANCE_NONBLOCKING {
    return state_.time;
}

template <class Real>
Status Network<Real>::set_clock(std::int64_t step_count, double time) noexcept RESONANCE_NONBLOCKING {
    if (step_count < 0 || step_count > kMostCounted || !std::isfinite(time)) return Status::invalid_value;
    state_.step_count = step_count;
    state_.time = time;
    return Status::ok;
}

template <class Real>
std::int64_t Network<Real>::presentation_count() const noexcept RESONANCE_NONBLOCKING {
    return state_.presentation_count;
}

template <class Real>
Status Network<Real>::set_presentation_count(std::int64_t count) noexcept RESONANCE_NONBLOCKING {
    if (count < 0 || count > kMostCounted) return Status::invalid_value;
    state_.presentation_count = count;
    return Status::ok;
}

template class Network<float>;
template class Network<double>;

}  // namespace resonance
