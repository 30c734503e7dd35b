#include "resonance/ensemble.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <new>
#include <utility>

#include "blocks/timeline.hpp"
#include "engines/conditions.hpp"
#include "engines/watch.hpp"
#include "kernels/kernels.hpp"
#include "memory.hpp"
#include "parallel.hpp"

namespace resonance {
namespace {

//! What a step costs beside the weights, in weights.
constexpr double kStepOverhead = 1000;
//! Weight updates of all networks in a segment: a tenth of a second on one thread.
constexpr double kSegmentWork = 5e8;
constexpr std::int64_t kSegmentGranule = 32;
//! Where runs are compressed, shorter segments would cost more than they spare.
constexpr std::ptrdiff_t kLongSegmentsFrom = 512;  // nodes
constexpr std::int64_t kLongSegment = 512;         // steps
//! Weight updates that are worth waking a team of threads: some 300 microseconds on one.
constexpr double kWorthThreads = 2e6;

double work_of_step(std::ptrdiff_t networks, std::ptrdiff_t nodes) noexcept {
    const auto n = static_cast<double>(nodes);
    return static_cast<double>(networks) * (n * n + kStepOverhead);
}

}  // namespace

template <class Real>
Ensemble<Real>::Ensemble() noexcept = default;

template <class Real>
Ensemble<Real>::~Ensemble() {
    for (std::ptrdiff_t k = 0; k < count_; ++k) networks_[k]->~Network<Real>();
    detail::release(memory_);
}

template <class Real>
std::size_t Ensemble<Real>::storage_size(std::ptrdiff_t n_networks, const Options& options) noexcept {
    const std::size_t one = detail::padded<std::byte>(Network<Real>::storage_size(options));
    if (n_networks < 1 || one == 0) return 0;
    const auto count = static_cast<std::size_t>(n_networks);
    return one > std::numeric_limits<std::size_t>::max() / 2 / count ? 0 : one * count;
}

template <class Real>
Status Ensemble<Real>::create(std::ptrdiff_t n_networks, const Options& options,
                              std::unique_ptr<Ensemble>& ensemble) noexcept {
    if (n_networks < 1 || options.n_nodes < 1) return Status::invalid_size;
    const std::size_t bytes = storage_size(n_networks, options);
    if (bytes == 0) return Status::out_of_memory;
    const auto count = static_cast<std::size_t>(n_networks);
    std::unique_ptr<Ensemble> made(new (std::nothrow) Ensemble);
    if (made == nullptr) return Status::out_of_memory;
    made->networks_.reset(new (std::nothrow) Network<Real>*[count]);
    made->statuses_.reset(new (std::nothrow) Status[count]());
    made->memory_ = static_cast<std::byte*>(detail::allocate(bytes));
    if (made->networks_ == nullptr || made->statuses_ == nullptr || made->memory_ == nullptr)
        return Status::out_of_memory;
    made->stride_ = bytes / count;
    made->threads_setting_ = options.threads;
    for (std::ptrdiff_t k = 0; k < n_networks; ++k)
        if (const Status status = made->place(options); status != Status::ok) return status;
    ensemble = std::move(made);
    return Status::ok;
}

//! Makes the next network.
template <class Real>
Status Ensemble<Real>::place(const Options& options) noexcept {
    const auto index = static_cast<std::size_t>(count_);
    const Status status =
        Network<Real>::create(options, span<std::byte>(memory_ + index * stride_, stride_), networks_[index]);
    if (status == Status::ok) ++count_;
    return status;
}

template <class Real>
std::int64_t Ensemble<Real>::segment_steps(std::ptrdiff_t n_networks, std::ptrdiff_t n_nodes) noexcept {
    const auto granules = static_cast<std::int64_t>(kSegmentWork / work_of_step(n_networks, n_nodes)) / kSegmentGranule;
    return std::max(granules * kSegmentGranule, n_nodes < kLongSegmentsFrom ? kSegmentGranule : kLongSegment);
}

template <class Real>
int Ensemble<Real>::threads_for(std::int64_t steps) const noexcept {
    if (threads_setting_ == 1) return 1;
    const double work = work_of_step(n_networks(), n_nodes()) * static_cast<double>(steps);
    if (threads_setting_ == 0 && work < kWorthThreads) return 1;
    return static_cast<int>(std::min<std::ptrdiff_t>(num_threads(threads_setting_), n_networks()));
}

template <class Real>
bool Ensemble<Real>::reserve_scratch(int threads) noexcept {
    if (threads <= scratches_) return true;
    scratch_.reset(new (std::nothrow) detail::Scratch[static_cast<std::size_t>(threads)]);
    scratches_ = scratch_ == nullptr ? 0 : threads;
    return scratch_ != nullptr;
}

template <class Real>
Status Ensemble<Real>::check(const EnsembleInputs& inputs, double dt) const noexcept {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    if (inputs.rows < 0 || inputs.hold < 0 || (inputs.hold > 0 && inputs.rows > most / inputs.hold) ||
        inputs.rows > most / n_nodes())
        return Status::invalid_size;
    if (!(std::isfinite(dt) && dt > 0)) return Status::invalid_time_step;
    const std::ptrdiff_t width = inputs.per_node ? n_nodes() : 1;
    const std::ptrdiff_t rows = inputs.row_stride == 0 ? std::min<std::ptrdiff_t>(inputs.rows, 1) : inputs.rows;
    double largest = 0;
    bool fit = true;
    for (std::ptrdiff_t k = 0; k < n_networks(); ++k) {
        if (k == 0 || inputs.network_stride != 0) largest = 0;
        for (std::ptrdiff_t row = 0; (k == 0 || inputs.network_stride != 0) && row < rows; ++row) {
            const double* values = inputs.values + k * inputs.network_stride + row * inputs.row_stride;
            if (!detail::kernels<double>().all_finite(values, width)) return Status::non_finite;
            for (std::ptrdiff_t i = 0; i < width; ++i) largest = std::max(largest, std::abs(values[i]));
        }
        fit = fit && (*this)[k].phases_fit(largest, dt);
    }
    return fit ? Status::ok : Status::phase_overflow;
}

template <class Real>
Status Ensemble<Real>::run(const EnsembleInputs& inputs, double dt, Interrupt interrupt,
                           std::int64_t& completed) noexcept {
    return run(inputs, dt, {}, interrupt, completed);
}

template <class Real>
Status Ensemble<Real>::run(const EnsembleInputs& inputs, double dt, span<Observer<Real>* const> observers,
                           Interrupt interrupt, std::int64_t& completed) noexcept {
    completed = 0;
    if (observers.size() != 0 && observers.size() != static_cast<std::size_t>(count_)) return Status::invalid_size;
    if (const Status status = check(inputs, dt); status != Status::ok) return status;
    std::fill_n(statuses_.get(), count_, Status::ok);
    const std::int64_t steps = inputs.rows * inputs.hold, segment = segment_steps(n_networks(), n_nodes());
    if (!reserve_scratch(threads_for(std::min(segment, steps)))) return Status::out_of_memory;
    do {  // once for no steps, too: observers may want to see the beginning
        const std::int64_t first = completed;
        completed += std::min(segment, steps - first);
        if (const Status status = run_segment(inputs, dt, observers, first, completed); status != Status::ok)
            return status;
        if (interrupt.requested != nullptr && interrupt.requested(interrupt.context)) return Status::interrupted;
    } while (completed < steps);
    return Status::ok;
}

//! Status::diverged where a network left the range of its type, else Status::interrupted where an observer stopped one.
template <class Real>
Status Ensemble<Real>::run_segment(const EnsembleInputs& inputs, double dt, span<Observer<Real>* const> observers,
                                   std::int64_t first, std::int64_t last) noexcept {
    std::atomic<bool> any_diverged{false}, any_stopped{false};
    const int threads = std::min(threads_for(last - first), scratches_);
    detail::for_each(n_networks(), threads, [&](std::ptrdiff_t k, int member) {
        const Inputs own{inputs.values + k * inputs.network_stride, inputs.rows, inputs.per_node, inputs.hold};
        detail::Timeline timeline(own, inputs.row_stride, first, last);
        Network<Real>& network = (*this)[k];
        detail::Conditions conditions = network.conditions(dt);
        conditions.threads = 1;
        const detail::Watch<Real> watch{{}, observers.empty() ? nullptr : observers[static_cast<std::size_t>(k)]};
        std::int64_t done = first;
        const Status status = network.advance(timeline, conditions, scratch_[member], watch, done);
        if (status == Status::ok) return;
        if (status == Status::interrupted) return any_stopped.store(true, std::memory_order_relaxed);
        statuses_[k] = Status::diverged;  // the inputs were checked: only weights and coupling can overflow
        any_diverged.store(true, std::memory_order_relaxed);
    });
    if (any_diverged.load(std::memory_order_relaxed)) return Status::diverged;
    return any_stopped.load(std::memory_order_relaxed) ? Status::interrupted : Status::ok;
}

template <class Real>
void Ensemble<Real>::set_learning(bool learning) noexcept {
    for (std::ptrdiff_t k = 0; k < count_; ++k) networks_[k]->set_learning(learning);
}

template <class Real>
Status Ensemble<Real>::set_threads(int threads) noexcept {
    if (threads < 0) return Status::invalid_value;
    threads_setting_ = threads;
    return Status::ok;
}

template <class Real>
bool Ensemble<Real>::owns(const void* pointer) const noexcept {
    const auto* p = static_cast<const std::byte*>(pointer);
    return p >= memory_ && p < memory_ + static_cast<std::size_t>(count_) * stride_;
}

template class Ensemble<float>;
template class Ensemble<double>;

}  // namespace resonance
