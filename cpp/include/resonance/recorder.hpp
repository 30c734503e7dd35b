//! Samples of a run, in arrays of the caller's.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>

#include "resonance/export.hpp"
#include "resonance/observer.hpp"
#include "resonance/span.hpp"

namespace resonance {

//! What to record, when and where to. A series has samples after the steps start, start + every, ... of the run (0: the
//! state before the first step); sample number m is written to place m % capacity. Null arrays are left out.
template <class Real>
struct Recording {
    std::int64_t start = 0;  //!< at least 0
    std::int64_t every = 1;  //!< at least 1
    //! (k,): the nodes whose values are kept, each in [0, n); without data all, k = n.
    span<const std::int64_t> nodes;

    //! Rows of k from one sample to the next: B where the arrays below hold samples of B networks side by side, and
    //! begin at the first of this one.
    std::int64_t stride = 1;

    std::int64_t capacity = 0;                        //!< samples that fit; 0: none are taken
    std::int64_t* step_counts = nullptr;              //!< (capacity,)
    double* times = nullptr;                          //!< (capacity,) [s]
    std::complex<double>* order_parameter = nullptr;  //!< (capacity,) of all nodes
    double* phases = nullptr;                         //!< (capacity, k) [rad]
    Real* amplitudes = nullptr;                       //!< (capacity, k)
    double* resonance = nullptr;                      //!< (capacity, k)

    std::int64_t weights_every = 0;               //!< 0: no weights
    std::int64_t weights_capacity = 0;            //!< the same for weights
    std::int64_t* weights_step_counts = nullptr;  //!< (weights_capacity,)
    double* weights_times = nullptr;              //!< (weights_capacity,) [s]
    Real* weights = nullptr;                      //!< (weights_capacity, k, k)

    //! Asked after the last place of a series was written, before the first is written again. False stops the run.
    bool (*full)(void* context, bool is_weights) noexcept = nullptr;
    void* context = nullptr;
};

//! Records one run. It takes no memory.
template <class Real>
class RESONANCE_API Recorder final : public Observer<Real> {
public:
    explicit Recorder(const Recording<Real>& recording) noexcept;

    bool observe(Moment<Real>& moment) noexcept override;

    std::int64_t samples() const noexcept { return samples_; }  //!< taken so far
    std::int64_t weights_samples() const noexcept { return weights_samples_; }

    //! The next sample of a series goes to place 0, as the first one did; samples are counted from there.
    void begin_anew(bool is_weights) noexcept { (is_weights ? weights_samples_ : samples_) = 0; }

private:
    bool sample(const Moment<Real>& moment) noexcept;
    bool sample_weights(const Moment<Real>& moment) noexcept;

    Recording<Real> recording_;
    std::int64_t samples_ = 0, weights_samples_ = 0;
    std::int64_t next_sample_, next_weights_;
};

extern template class Recorder<float>;
extern template class Recorder<double>;

}  // namespace resonance
