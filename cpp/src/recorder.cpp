#include "resonance/recorder.hpp"

#include <algorithm>

namespace resonance {
namespace {

//! The values of the chosen nodes, as the given row of rows.
template <class T>
void choose(span<const T> values, span<const std::int64_t> nodes, std::int64_t row, T* rows) noexcept {
    if (nodes.data() == nullptr) {
        std::copy(values.begin(), values.end(), rows + row * static_cast<std::int64_t>(values.size()));
        return;
    }
    T* out = rows + row * static_cast<std::int64_t>(nodes.size());
    for (const std::int64_t node : nodes) *out++ = values[static_cast<std::size_t>(node)];
}

}  // namespace

template <class Real>
Recorder<Real>::Recorder(const Recording<Real>& recording) noexcept
    : recording_(recording),
      next_sample_(recording.capacity > 0 ? recording.start : this->never),
      next_weights_(recording.weights_every > 0 && recording.weights_capacity > 0 ? recording.start : this->never) {
    this->next = std::min(next_sample_, next_weights_);
}

template <class Real>
bool Recorder<Real>::observe(Moment<Real>& moment) noexcept {
    const std::int64_t step = moment.step();
    bool goes_on = true;
    if (step >= next_sample_) {
        goes_on = sample(moment);
        next_sample_ += recording_.every;
    }
    if (step >= next_weights_) {
        goes_on = sample_weights(moment) && goes_on;
        next_weights_ += recording_.weights_every;
    }
    this->next = std::min(next_sample_, next_weights_);
    return goes_on;
}

template <class Real>
bool Recorder<Real>::sample(const Moment<Real>& moment) noexcept {
    const Recording<Real>& r = recording_;
    const std::int64_t place = samples_++ % r.capacity, row = place * r.stride;
    if (r.step_counts != nullptr) r.step_counts[place] = moment.step_count();
    if (r.times != nullptr) r.times[place] = moment.time();
    if (r.order_parameter != nullptr) r.order_parameter[row] = moment.order_parameter();
    // Each is found only where it is asked for.
    if (r.phases != nullptr) choose(moment.phases(), r.nodes, row, r.phases);
    if (r.amplitudes != nullptr) choose(moment.amplitudes(), r.nodes, row, r.amplitudes);
    if (r.resonance != nullptr) choose(moment.resonance(), r.nodes, row, r.resonance);
    return place + 1 < r.capacity || r.full == nullptr || r.full(r.context, false);
}

template <class Real>
bool Recorder<Real>::sample_weights(const Moment<Real>& moment) noexcept {
    const Recording<Real>& r = recording_;
    const std::int64_t place = weights_samples_++ % r.weights_capacity;
    if (r.weights_step_counts != nullptr) r.weights_step_counts[place] = moment.step_count();
    if (r.weights_times != nullptr) r.weights_times[place] = moment.time();
    const auto k = static_cast<std::int64_t>(r.nodes.data() == nullptr ? moment.amplitudes().size() : r.nodes.size());
    moment.weights(r.nodes, r.nodes, r.weights + place * r.stride * k * k);
    return place + 1 < r.weights_capacity || r.full == nullptr || r.full(r.context, true);
}

template class Recorder<float>;
template class Recorder<double>;

}  // namespace resonance
