//! The Resonance Network: n oscillators whose connections grow where two are active in phase.
//!
//! One step with input x [rad/s] and time step dt [s], in this order:
//!
//!     phi <- (phi + 2 pi f dt + x dt + dt kappa g) mod 2 pi     g_i = sum_j W_ij sin(phi_j - phi_i - alpha)
//!     C_ij = cos(phi_i - phi_j - beta)
//!     W   <- decay (W + learning_rate C_ij a_i a_j)             with the old amplitudes
//!     a_i <- tanh(gain sum_j W_ij cos(phi_i - phi_j))           from the new W
//!     a   <- max(a, amplitude_floor), then pinned nodes take their pinned amplitudes
//!
//! g is of W and phi before the step. A node whose phase is pinned keeps it throughout the step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "resonance/span.hpp"
#include "resonance/status.hpp"

namespace resonance {

//! The numbers of the model, with the values of the published network.
struct Hyperparameters {
    double learning_rate = 0.01;   //!< eta [1], finite
    double decay = 0.99;           //!< [1], in [0, 1]
    double gain = 1.0;             //!< [1], finite
    double coupling = 0.0;         //!< kappa [rad/s], finite
    double phase_lag = 0.0;        //!< alpha [rad], finite
    double learning_lag = 0.0;     //!< beta [rad], finite
    double noise_std = 0.0;        //!< [rad/sqrt(s)], 0 in this version
    double amplitude_floor = 0.0;  //!< [1], in [0, 1]; 0 means none
};

//! One hyperparameter by its name: where it stands, and what is asked of it.
struct HyperparameterRule {
    const char* name;
    double Hyperparameters::* member;
    double lowest, highest;
    const char* wanted;  //!< the range in words, such as "in [0, 1]"
};

//! The rules of all hyperparameters, in the order of the struct.
span<const HyperparameterRule> hyperparameter_rules() noexcept;

//! Status::invalid_value where one is not finite or outside its range.
Status validate(const Hyperparameters& hyperparameters) noexcept;

//! Rows of input [rad/s], each held for `hold` steps. A row is one value for every node, or n values.
struct Inputs {
    const double* values = nullptr;
    std::ptrdiff_t rows = 1;
    bool per_node = false;  //!< true: values is (rows, n); false: (rows,)
    std::int64_t hold = 1;
};

//! Asked after each completed step of a run whether to stop there.
struct Interrupt {
    bool (*requested)(void* context) noexcept = nullptr;
    void* context = nullptr;
};

//! The map that makes phase offsets [rad] of a row x of data: projection x + shift.
template <class Real>
struct Encoding {
    span<const Real> projection;  //!< (n, d) [rad per unit of x]
    span<const double> shift;     //!< (n,) [rad]
};

namespace detail {
template <class Real>
struct State;
class Scratch;
struct Conditions;
}  // namespace detail

//! A network whose weights and amplitudes are of type Real (float or double); phases and frequencies are double.
//!
//! create() allocates everything but the memory in which run() keeps blocks of steps and entrain() blocks of rows: at
//! most a tenth of the weights' where these are large, and for an encoding as much as its projection, taken by the
//! first call that needs it. No other call allocates, and none throws. A call that does not return Status::ok,
//! Status::interrupted or Status::diverged leaves the network as it was. One network serves one thread at a time.
template <class Real>
class Network {
public:
    //! A network of n nodes in `network`: phases, frequencies and weights 0, amplitudes 1.
    //! Status::invalid_size for n < 1, Status::out_of_memory where n x n does not fit.
    static Status create(std::ptrdiff_t n, std::unique_ptr<Network>& network) noexcept;

    //! Take over everything of a network of the same size: state, pins, hyperparameters and threads.
    Status assign(const Network& other) noexcept;

    ~Network();
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    //! One step of `dt` [s] with `input` [rad/s]: n values.
    Status update(span<const double> input, double dt, bool learn = true) noexcept;
    //! One step with the same input at every node.
    Status update(double input, double dt, bool learn = true) noexcept;
    //! rows * hold steps. `completed` gets the number of steps done, also when it was interrupted.
    Status run(const Inputs& inputs, double dt, bool learn, Interrupt interrupt, std::int64_t& completed) noexcept;

    //! Learns from rows of data, without labels and without a loss. Each row of `offsets` (rows, n) [rad] is one
    //! presentation: phases phi = initial_phases + offset, amplitudes a = 1, or 0 where the offset is a NaN (a silent
    //! node). With z = a exp(i phi) it does
    //!
    //!     W <- W + (Re z z^H - W) / t              t: presentation_count, with this row; W is the mean of them all
    //!     W <- f W + (1 - f) Re z z^H              with a fading factor f in [0, 1]
    //!
    //! Nothing but weights and presentation_count changes; pins and hyperparameters have no part in it. `completed`
    //! gets the number of rows shown, also when it was interrupted. Status::non_finite where an offset is infinite.
    template <class Source>
    Status entrain(span<const Source> offsets, std::optional<double> fading_factor, Interrupt interrupt,
                   std::int64_t& completed) noexcept;
    //! The same for rows of data (rows, d), with the encoding that makes offsets of them. Here NaN is not finite.
    //! Status::phase_overflow where it leads beyond the range of Real; the rows before, as `completed` tells, are
    //! shown.
    Status entrain(span<const Real> rows, const Encoding<Real>& encoding, std::optional<double> fading_factor,
                   Interrupt interrupt, std::int64_t& completed) noexcept;

    std::ptrdiff_t n_nodes() const noexcept;
    std::int64_t step_count() const noexcept;
    double time() const noexcept;                      //!< sum of all time steps [s]
    std::int64_t presentation_count() const noexcept;  //!< rows shown by entrain()

    span<const double> phases() const noexcept;          //!< (n,) [rad], in [0, 2 pi)
    span<const double> frequencies() const noexcept;     //!< (n,) [Hz]
    span<const double> initial_phases() const noexcept;  //!< (n,) [rad], in [0, 2 pi)
    span<const Real> amplitudes() const noexcept;        //!< (n,)
    //! (n, n), row i at weights() + i * weight_stride(). W[i, j] acts on i from j.
    const Real* weights() const noexcept;
    std::ptrdiff_t weight_stride() const noexcept;  //!< elements between two rows, a multiple of 64 bytes

    //! Copies n values in. Any finite phase; kept modulo 2 pi.
    Status set_phases(span<const double> phases) noexcept;
    Status set_frequencies(span<const double> frequencies) noexcept;
    //! Where presentations start. Any finite phase; kept modulo 2 pi.
    Status set_initial_phases(span<const double> phases) noexcept;
    Status set_presentation_count(std::int64_t count) noexcept;
    Status set_amplitudes(span<const double> amplitudes) noexcept;
    //! Copies whole rows of weights in, from row `first` on.
    template <class Source>
    Status set_weight_rows(std::ptrdiff_t first, span<const Source> rows) noexcept;
    Status set_clock(std::int64_t step_count, double time) noexcept;

    const Hyperparameters& hyperparameters() const noexcept;
    Status set_hyperparameters(const Hyperparameters& hyperparameters) noexcept;

    //! What run() may cut off, relative to the largest weight: finite and above 0; at first default_tolerance.
    Status set_tolerance(double tolerance) noexcept;
    double tolerance() const noexcept;
    static constexpr double default_tolerance = sizeof(Real) == sizeof(double) ? 1e-12 : 1e-6;

    //! Threads for this network; 0 (at first): 1 for small networks, else num_threads().
    Status set_threads(int threads) noexcept;
    int threads_setting() const noexcept;
    int threads() const noexcept;  //!< the number that the next step will use

    //! Hold the amplitudes of `nodes` from now on. `nodes` and `amplitudes` are of one length.
    Status pin_amplitudes(span<const std::int64_t> nodes, span<const double> amplitudes) noexcept;
    //! Hold the phases [rad] of `nodes` from now on.
    Status pin_phases(span<const std::int64_t> nodes, span<const double> phases) noexcept;
    Status unpin(span<const std::int64_t> nodes) noexcept;
    span<const unsigned char> amplitude_pins() const noexcept;  //!< (n,): 1 where the amplitude is pinned
    span<const unsigned char> phase_pins() const noexcept;      //!< (n,): 1 where the phase is pinned
    span<const Real> pinned_amplitudes() const noexcept;        //!< (n,), meaningful where pinned
    span<const double> pinned_phases() const noexcept;          //!< (n,) [rad], meaningful where pinned

    //! Whether `pointer` lies in the network's own arrays.
    bool owns(const void* pointer) const noexcept;

private:
    Network(std::unique_ptr<detail::State<Real>> state, std::unique_ptr<detail::Scratch> scratch) noexcept;

    detail::Conditions conditions(double dt, bool learn) const noexcept;

    std::unique_ptr<detail::State<Real>> state_;
    std::unique_ptr<detail::Scratch> scratch_;  //!< of run()
    Hyperparameters hyperparameters_;
    double tolerance_ = default_tolerance;
    int threads_setting_ = 0;
};

extern template class Network<float>;
extern template class Network<double>;

}  // namespace resonance
