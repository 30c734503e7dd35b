#include "resonance/stop.hpp"

#include <algorithm>
#include <cmath>

namespace resonance {

template <class Real>
StopWhenOrderAbove<Real>::StopWhenOrderAbove(double threshold, std::int64_t every) noexcept
    : threshold_(threshold), every_(every) {
    this->next = every;
}

template <class Real>
bool StopWhenOrderAbove<Real>::observe(Moment<Real>& moment) noexcept {
    this->next = moment.step() + every_;
    stopped_ = std::abs(moment.order_parameter()) > threshold_;
    return !stopped_;
}

template <class Real>
StopWhenSettled<Real>::StopWhenSettled(double tolerance, std::int64_t every, span<Real> amplitudes) noexcept
    : tolerance_(tolerance), every_(every), amplitudes_(amplitudes) {}

template <class Real>
bool StopWhenSettled<Real>::observe(Moment<Real>& moment) noexcept {
    this->next = moment.step() + every_;
    const span<const Real> amplitudes = moment.amplitudes();
    const double order = std::abs(moment.order_parameter());
    double change = std::abs(order - order_);
    for (std::size_t i = 0; i < amplitudes.size(); ++i)
        change = std::max(change, std::abs(static_cast<double>(amplitudes[i] - amplitudes_[i])));
    stopped_ = has_looked_ && change <= tolerance_;
    has_looked_ = true;
    order_ = order;
    std::copy(amplitudes.begin(), amplitudes.end(), amplitudes_.begin());
    return !stopped_;
}

template class StopWhenOrderAbove<float>;
template class StopWhenOrderAbove<double>;
template class StopWhenSettled<float>;
template class StopWhenSettled<double>;

}  // namespace resonance
