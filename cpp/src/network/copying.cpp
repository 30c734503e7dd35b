#include "resonance/network.hpp"

#include "factored/factors.hpp"
#include "snapshot.hpp"
#include "state.hpp"

namespace resonance {

template <class Real>
Status Network<Real>::assign(const Network& other) noexcept {
    if (!state_.has_size_of(other.state_) || other.max_rank() != max_rank()) return Status::invalid_size;
    if (&other == this) return Status::ok;
    if (state_.factors != nullptr)
        if (const Status status = state_.factors->set(other.state_.factors->view()); status != Status::ok)
            return status;
    state_.assign(other.state_);
    hyperparameters_ = other.hyperparameters_;
    threads_setting_ = other.threads_setting_;
    tolerance_ = other.tolerance_;
    learning_ = other.learning_;
    return Status::ok;
}

template <class Real>
std::size_t Network<Real>::snapshot_size() const noexcept RESONANCE_NONBLOCKING {
    return state_.factors != nullptr ? 0 : detail::snapshot_bytes(state_);
}

template <class Real>
Status Network<Real>::snapshot(span<std::byte> memory) const noexcept RESONANCE_NONBLOCKING {
    if (state_.factors != nullptr) return Status::unavailable;
    if (memory.size() < snapshot_size()) return Status::invalid_size;
    detail::write_snapshot(state_, {hyperparameters_, tolerance_, threads_setting_, learning_}, memory.data());
    return Status::ok;
}

template <class Real>
Status Network<Real>::restore(span<const std::byte> memory) noexcept RESONANCE_NONBLOCKING {
    if (state_.factors != nullptr) return Status::unavailable;
    detail::Settings settings;
    if (memory.size() < snapshot_size() || !detail::read_snapshot(memory.data(), state_, settings))
        return Status::foreign_snapshot;
    hyperparameters_ = settings.hyperparameters;
    tolerance_ = settings.tolerance;
    threads_setting_ = settings.threads;
    learning_ = settings.learning;
    return Status::ok;
}

template class Network<float>;
template class Network<double>;

}  // namespace resonance
