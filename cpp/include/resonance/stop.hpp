//! Conditions that end a run.
#pragma once

#include <complex>
#include <cstdint>

#include "resonance/export.hpp"
#include "resonance/observer.hpp"
#include "resonance/span.hpp"

namespace resonance {

//! Stops where the modulus of the order parameter is above a threshold.
template <class Real>
class RESONANCE_API StopWhenOrderAbove final : public Observer<Real> {
public:
    //! Looks after every `every` steps, at least 1.
    explicit StopWhenOrderAbove(double threshold, std::int64_t every = 1) noexcept;
    bool observe(Moment<Real>& moment) noexcept override;
    bool stopped() const noexcept { return stopped_; }

private:
    double threshold_;
    std::int64_t every_;
    bool stopped_ = false;
};

//! Stops where no amplitude, and not the modulus of the order parameter, has changed by more than a tolerance [1] since
//! it last looked, `every` steps before.
template <class Real>
class RESONANCE_API StopWhenSettled final : public Observer<Real> {
public:
    //! `amplitudes`: room for n values, of the caller's. `every` is at least 1.
    StopWhenSettled(double tolerance, std::int64_t every, span<Real> amplitudes) noexcept;
    bool observe(Moment<Real>& moment) noexcept override;
    bool stopped() const noexcept { return stopped_; }

private:
    double tolerance_;
    std::int64_t every_;
    span<Real> amplitudes_;
    double order_ = 0;
    bool has_looked_ = false, stopped_ = false;
};

extern template class StopWhenOrderAbove<float>;
extern template class StopWhenOrderAbove<double>;
extern template class StopWhenSettled<float>;
extern template class StopWhenSettled<double>;

}  // namespace resonance
