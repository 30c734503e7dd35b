//! The Resonance Network: n oscillators whose connections grow where two are active in phase.
//!
//! One step with input x [rad/s] and time step dt [s], in this order:
//!
//!     phi <- (phi + 2 pi f dt + x dt + dt kappa g + noise_std sqrt(dt) xi) mod 2 pi
//!     g_i = sum_j W_ij sin(phi_j - phi_i - alpha)               xi: standard normal, one a node and step
//!     C_ij = cos(phi_i - phi_j - beta)
//!     W   <- decay (W + learning_rate C_ij a_i a_j)             with the old amplitudes
//!     a_i <- tanh(gain sum_j W_ij cos(phi_i - phi_j))           from the new W
//!     a   <- max(a, amplitude_floor), then pinned nodes take their pinned amplitudes
//!
//! g is of W and phi before the step. A node whose phase is pinned keeps it throughout the step, and feels no noise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "resonance/exchange.hpp"
#include "resonance/export.hpp"
#include "resonance/factors.hpp"
#include "resonance/graph.hpp"
#include "resonance/hyperparameters.hpp"
#include "resonance/interrupt.hpp"
#include "resonance/nonblocking.hpp"
#include "resonance/observer.hpp"
#include "resonance/span.hpp"
#include "resonance/status.hpp"
#include "resonance/storage.hpp"
#include "resonance/weight_storage.hpp"

namespace resonance {

//! What a network is made of.
struct Options {
    std::ptrdiff_t n_nodes = 100;          //!< n, at least 1
    Hyperparameters hyperparameters = {};  //!< as published
    //! Of a call that shares rows of weights among threads: 1, the only number with which no step ever waits for
    //! another thread; or more; or 0: one for small networks, else num_threads().
    int threads = 1;
    WeightStorage storage = WeightStorage::dense;
    //! Of factored weights, the most columns that a compression may leave, each one vector of n values. 0 leaves it to
    //! the library: 1024, or fewer where these would take more than a GiB, but 128.
    std::ptrdiff_t max_rank = 0;
};

//! Rows of input [rad/s], each held for `hold` steps. A row is one value for every node, or n values.
struct Inputs {
    const double* values = nullptr;
    std::ptrdiff_t rows = 1;
    bool per_node = false;  //!< true: values is (rows, n); false: (rows,)
    std::int64_t hold = 1;
    std::int64_t skip = 0;  //!< steps of the first row that are left out, below `hold`: to go on within a row
};

//! The map that makes phase offsets [rad] of a row x of data: projection x + shift.
template <class Real>
struct Encoding {
    span<const Real> projection;  //!< (n, d) [rad per unit of x]
    span<const double> shift;     //!< (n,) [rad]
};

template <class Real>
class Ensemble;

namespace detail {
template <class Real>
struct State;
class Scratch;
class Timeline;
struct Conditions;
template <class Real>
struct Watch;
}  // namespace detail

//! A network whose weights and amplitudes are of type Real (float or double); phases and frequencies are double.
//!
//! All memory is taken by create(), or handed over to it. The calls marked RESONANCE_NONBLOCKING may stand in a control
//! loop: on one thread they take no memory and no lock, make no system call, and update() costs the same at every step
//! (but see set_phases()). run() and entrain() are for simulations: they keep blocks of steps or of rows in memory that
//! the first call takes, at most a tenth of the weights' where these are large, and for an encoding as much as its
//! projection.
//!
//! No call throws. A call that does not return Status::ok, Status::interrupted or Status::diverged leaves the network
//! as it was. One network serves one thread at a time.
template <class Real>
class RESONANCE_API Network {
public:
    //! A network in `network`, on the heap: phases, frequencies and weights 0, amplitudes 1. Status::invalid_size for
    //! less than one node, Status::invalid_value for hyperparameters, threads or max_rank out of range,
    //! Status::out_of_memory where its arrays do not fit.
    static Status create(const Options& options, std::unique_ptr<Network>& network) noexcept;

    //! Bytes that a network with dense weights takes, a constant expression; 0 for a size that can't be.
    static constexpr std::size_t storage_size(const Options& options) noexcept;

    //! The same network in memory of the caller's, of any alignment: at least storage_size(options) bytes, which must
    //! outlive it, or Status::invalid_size; Status::unavailable for weights that are not dense. It takes nothing from
    //! the heap before the first run() or entrain(). Never delete it; where one of these was called, call
    //! network->~Network() at the end.
    static Status create(const Options& options, span<std::byte> storage, Network*& network) noexcept;

    //! A network on the heap with weights on the edges of a graph of options.n_nodes nodes, which is copied. A step is
    //! O(n + edges). Status::invalid_size for arrays that do not fit n or each other, Status::invalid_node for a column
    //! that is no node, Status::invalid_value for columns that do not ascend or an order that has not each node once,
    //! Status::non_finite for weights.
    static Status create(const Options& options, const Graph<Real>& graph, std::unique_ptr<Network>& network) noexcept;

    //! A network on the heap that is one rank of several, with some rows of dense weights, or of the factors of
    //! factored ones. All ranks are made alike, and are called alike: each advances the whole network but for the
    //! weights of others. Phases, amplitudes and all that follows from them are everybody's. What is said of one weight
    //! or one row holds for the rank that has it; copy_weights() writes what this rank has to add to the others'.
    //! Status::invalid_size for rows that are not there, Status::invalid_value for an exchange without functions.
    static Status create(const Options& options, const Shard& shard, std::unique_ptr<Network>& network) noexcept;

    //! Take over everything of a network of the same size, storage and max_rank: state, pins, hyperparameters and
    //! threads. Where weights are on edges, the graph too; both must have the same number of them.
    Status assign(const Network& other) noexcept;

    ~Network();
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;
    static void operator delete(void* network) noexcept;

    // ------------------------------------------------------------------------------------------------ steps

    //! One step of `dt` [s] with `input` [rad/s]: n values. Status::non_finite where one is a NaN or an infinity. Of
    //! factored weights, some steps compress them first and take longer; Status::rank_exceeded where that can't be.
    Status update(span<const double> input, double dt) noexcept RESONANCE_NONBLOCKING;
    Status update(span<const float> input, double dt) noexcept RESONANCE_NONBLOCKING;
    //! One step with the same input [rad/s] at every node.
    Status update(double input, double dt) noexcept RESONANCE_NONBLOCKING;
    //! rows * hold - skip steps. `completed` gets the number of steps done, also when it was interrupted.
    Status run(const Inputs& inputs, double dt, Interrupt interrupt, std::int64_t& completed) noexcept;
    //! The same, and `observer` looks on (recorder.hpp, stop.hpp, or one of your own). That changes no bit. Where it
    //! stops the run: Status::interrupted.
    Status run(const Inputs& inputs, double dt, Observer<Real>& observer, Interrupt interrupt,
               std::int64_t& completed) noexcept;

    //! Whether weights change in the steps that follow; true at first. The rest of a step stays as it is.
    void set_learning(bool learning) noexcept RESONANCE_NONBLOCKING;
    bool learning() const noexcept RESONANCE_NONBLOCKING;

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

    // ------------------------------------------------------------------------------------------------ the state

    std::ptrdiff_t n_nodes() const noexcept RESONANCE_NONBLOCKING;
    std::int64_t step_count() const noexcept RESONANCE_NONBLOCKING;
    double time() const noexcept RESONANCE_NONBLOCKING;                      //!< sum of all time steps [s]
    std::int64_t presentation_count() const noexcept RESONANCE_NONBLOCKING;  //!< rows shown by entrain()

    WeightStorage weight_storage() const noexcept RESONANCE_NONBLOCKING;

    // Views: current after every call, and valid as long as the network is.
    span<const double> phases() const noexcept RESONANCE_NONBLOCKING;          //!< (n,) [rad], in [0, 2 pi)
    span<const double> frequencies() const noexcept RESONANCE_NONBLOCKING;     //!< (n,) [Hz]
    span<const double> initial_phases() const noexcept RESONANCE_NONBLOCKING;  //!< (n,) [rad], in [0, 2 pi)
    span<const Real> amplitudes() const noexcept RESONANCE_NONBLOCKING;        //!< (n,) [1]
    //! (n, n) [1], row i at weights() + i * weight_stride(). W[i, j] acts on i from j. Null where weights are not
    //! dense.
    //! Of a shard, its own rows: the first of them is row first_row().
    const Real* weights() const noexcept RESONANCE_NONBLOCKING;
    //! The rows of dense weights that there are: all, but in a shard.
    std::ptrdiff_t first_row() const noexcept RESONANCE_NONBLOCKING;
    std::ptrdiff_t row_count() const noexcept RESONANCE_NONBLOCKING;
    //! Elements between two rows, a multiple of 64 bytes.
    std::ptrdiff_t weight_stride() const noexcept RESONANCE_NONBLOCKING;
    //! Where weights are on the edges of a graph, the number of edges; else 0.
    std::int64_t n_edges() const noexcept RESONANCE_NONBLOCKING;
    //! Copies weights of edges out, from edge `first` on, in the order in which the graph was given.
    Status copy_edge_weights(std::int64_t first, span<Real> weights) const noexcept;
    //! (n,) [1]: the dense weights W[node, :] that act on `node`, which must be in [0, n).
    span<const Real> weight_row(std::ptrdiff_t node) const noexcept RESONANCE_NONBLOCKING;
    //! Copies W[rows, columns] [1] out, however weights are stored: rows.size() * columns.size() values, row after row.
    Status copy_weights(span<const std::int64_t> rows, span<const std::int64_t> columns,
                        span<Real> block) const noexcept;
    //! Factored weights, as views that are valid until the next call. Empty for others.
    FactoredWeights<Real> factors() const noexcept RESONANCE_NONBLOCKING;
    //! Columns of factored weights: the most that a compression may leave, the most that one has left, and how many
    //! there are now.
    std::ptrdiff_t max_rank() const noexcept RESONANCE_NONBLOCKING;
    std::ptrdiff_t compressed_rank() const noexcept RESONANCE_NONBLOCKING;
    std::ptrdiff_t rank() const noexcept RESONANCE_NONBLOCKING;
    //! How far factored weights may be off, given the phases and amplitudes that the network had. 0 for others.
    WeightError weight_error() const noexcept;
    //! Bytes that factored weights take, of which steps touch what the rank needs; in a shard of `row_count` rows.
    static std::size_t factored_bytes(std::ptrdiff_t n_nodes, std::ptrdiff_t max_rank,
                                      std::ptrdiff_t row_count) noexcept;
    //! Writes the n values a_i cos(phi_i) [1], from cosines that the last step has taken.
    Status outputs(span<Real> values) const noexcept RESONANCE_NONBLOCKING;

    //! One phase [rad], any finite one; kept modulo 2 pi. O(n): the products that the coupling needs are kept right.
    Status set_phase(std::ptrdiff_t node, double phase) noexcept RESONANCE_NONBLOCKING;
    //! One weight W[row, column] [1]. O(1), in the same way; on a graph O(log edges of the row), and
    //! Status::invalid_node where there is no such edge. Status::unavailable where weights are factored.
    Status set_weight(std::ptrdiff_t row, std::ptrdiff_t column, Real weight) noexcept RESONANCE_NONBLOCKING;

    //! Copies n values in. Any finite phase; kept modulo 2 pi. Where there is coupling, the next step takes its
    //! products anew, as it does after set_weight_rows(), run() and entrain(): one more pass over the weights.
    Status set_phases(span<const double> phases) noexcept RESONANCE_NONBLOCKING;
    Status set_frequencies(span<const double> frequencies) noexcept RESONANCE_NONBLOCKING;  //!< [Hz]
    //! Where presentations start. Any finite phase; kept modulo 2 pi.
    Status set_initial_phases(span<const double> phases) noexcept RESONANCE_NONBLOCKING;
    //! From 0 to 2^62, as the step count.
    Status set_presentation_count(std::int64_t count) noexcept RESONANCE_NONBLOCKING;
    Status set_amplitudes(span<const double> amplitudes) noexcept RESONANCE_NONBLOCKING;
    //! Copies whole rows of weights in, from row `first` on. Status::unavailable where weights are not dense.
    template <class Source>
    Status set_weight_rows(std::ptrdiff_t first, span<const Source> rows) noexcept RESONANCE_NONBLOCKING;
    //! Replaces factored weights. Status::invalid_size for more pairs than max_rank has room for, or inconsistent
    //! sizes; Status::invalid_value, Status::non_finite for numbers that can't be; Status::unavailable for other
    //! storage. The network is then as before.
    Status set_factors(const FactoredWeights<Real>& factors) noexcept;
    //! Whether it would, but for memory: what ranks ask before any of them changes.
    Status check_factors(const FactoredWeights<Real>& factors) const noexcept;
    //! Copies the weights [1] of all edges in, in the order in which the graph was given. Status::unavailable where
    //! weights are not on edges.
    template <class Source>
    Status set_edge_weights(span<const Source> weights) noexcept RESONANCE_NONBLOCKING;
    //! Which noise: xi of node i in the step after step_count() steps is a function of (noise_seed, step_count, i)
    //! alone. 0 at first.
    void set_noise_seed(std::uint64_t seed) noexcept RESONANCE_NONBLOCKING;
    std::uint64_t noise_seed() const noexcept RESONANCE_NONBLOCKING;
    Status set_clock(std::int64_t step_count, double time) noexcept RESONANCE_NONBLOCKING;

    // What the next coupled step takes over from the last one: sum_j W_ij cos(phi_j) and sum_j W_ij sin(phi_j), (n,),
    // as they were summed up. Empty where it takes them anew. A network that is given the state of another, and these
    // last, goes on with the same bits.
    span<const double> cosine_sums() const noexcept RESONANCE_NONBLOCKING;
    span<const double> sine_sums() const noexcept RESONANCE_NONBLOCKING;
    Status set_sums(span<const double> cosine_sums, span<const double> sine_sums) noexcept RESONANCE_NONBLOCKING;

    // ------------------------------------------------------------------------------------------------ pins

    //! Hold the amplitude of `node` from now on, and its phase [rad] where one is given. It takes them at
    //! once. O(n) for a phase, as set_phase().
    Status pin(std::ptrdiff_t node, double amplitude) noexcept RESONANCE_NONBLOCKING;
    Status pin(std::ptrdiff_t node, double amplitude, double phase) noexcept RESONANCE_NONBLOCKING;
    //! The same for many nodes; the arrays are of one length. Phases of more than an eighth of the nodes make the next
    //! coupled step take its products anew, as set_phases().
    Status pin(span<const std::int64_t> nodes, span<const double> amplitudes) noexcept RESONANCE_NONBLOCKING;
    Status pin(span<const std::int64_t> nodes, span<const double> amplitudes,
               span<const double> phases) noexcept RESONANCE_NONBLOCKING;
    //! Let amplitude and phase go.
    Status unpin(std::ptrdiff_t node) noexcept RESONANCE_NONBLOCKING;
    Status unpin(span<const std::int64_t> nodes) noexcept RESONANCE_NONBLOCKING;
    //! (n,): 1 where the amplitude is pinned.
    span<const unsigned char> amplitude_pins() const noexcept RESONANCE_NONBLOCKING;
    //! (n,): 1 where the phase is pinned.
    span<const unsigned char> phase_pins() const noexcept RESONANCE_NONBLOCKING;
    span<const Real> pinned_amplitudes() const noexcept RESONANCE_NONBLOCKING;  //!< (n,) [1], meaningful where pinned
    span<const double> pinned_phases() const noexcept RESONANCE_NONBLOCKING;    //!< (n,) [rad], meaningful where pinned

    // ------------------------------------------------------------------------------------------------ settings

    const Hyperparameters& hyperparameters() const noexcept RESONANCE_NONBLOCKING;
    Status set_hyperparameters(const Hyperparameters& hyperparameters) noexcept RESONANCE_NONBLOCKING;

    //! What run() may cut off, relative to the largest weight: finite and above 0; at first default_tolerance.
    Status set_tolerance(double tolerance) noexcept RESONANCE_NONBLOCKING;
    double tolerance() const noexcept RESONANCE_NONBLOCKING;
    static constexpr double default_tolerance = sizeof(Real) == sizeof(double) ? 1e-12 : 1e-6;

    //! As Options::threads.
    Status set_threads(int threads) noexcept RESONANCE_NONBLOCKING;
    int threads_setting() const noexcept RESONANCE_NONBLOCKING;
    int threads() const noexcept;  //!< the number that the next step will use

    // ------------------------------------------------------------------------------------------------ snapshots

    //! Bytes of a snapshot, the same at any moment. 0 for factored weights, which have none: assign() copies them.
    std::size_t snapshot_size() const noexcept RESONANCE_NONBLOCKING;
    //! Copies everything that the steps to come depend on into at least snapshot_size() bytes of the caller's.
    Status snapshot(span<std::byte> memory) const noexcept RESONANCE_NONBLOCKING;
    //! Returns to a snapshot of this network, or of another of its size and type made by the same version of the
    //! library: every later step has the bits that it had from there. Status::foreign_snapshot for anything else.
    //! Status::unavailable for factored weights.
    Status restore(span<const std::byte> memory) noexcept RESONANCE_NONBLOCKING;

    //! Whether `pointer` lies in the network's own arrays.
    bool owns(const void* pointer) const noexcept RESONANCE_NONBLOCKING;

private:
    friend class Ensemble<Real>;

    explicit Network(detail::State<Real>& state, detail::Scratch& scratch) noexcept;

    static std::size_t vectors_size(const Options& options) noexcept;
    //! Without a graph and a shard, weights are as the options say.
    static Status make(const Options& options, const Graph<Real>* graph, const Shard* shard, std::byte* aligned,
                       Network*& network) noexcept;
    static Status allocate_and_make(const Options& options, const Graph<Real>* graph, const Shard* shard,
                                    std::size_t bytes, std::unique_ptr<Network>& network) noexcept;
    detail::Conditions conditions(double dt) const noexcept RESONANCE_NONBLOCKING;
    Status run_watched(const Inputs& inputs, double dt, Observer<Real>* observer, Interrupt interrupt,
                       std::int64_t& completed) noexcept;
    //! Whether a run's phases stay within the range of float64, before the coupling has its part.
    bool phases_fit(double largest_input, double dt) const noexcept;
    //! The steps of a timeline that was checked.
    Status advance(detail::Timeline& timeline, const detail::Conditions& conditions, detail::Scratch& scratch,
                   const detail::Watch<Real>& watch, std::int64_t& completed) noexcept;
    bool has(std::ptrdiff_t node) const noexcept RESONANCE_NONBLOCKING;

    detail::State<Real>& state_;
    detail::Scratch& scratch_;  //!< of run() and entrain()
    Hyperparameters hyperparameters_;
    double tolerance_ = default_tolerance;
    int threads_setting_ = 1;
    bool learning_ = true;
};

template <class Real>
constexpr std::size_t Network<Real>::storage_size(const Options& options) noexcept {
    const std::size_t arrays = detail::state_bytes<Real>(options.n_nodes);
    // Memory of any alignment holds an aligned block that begins less than a vector behind its own beginning.
    return arrays == 0 ? 0 : detail::kVectorAlignment + detail::padded<Network>(1) + detail::kMemberBytes + arrays;
}

extern template class Network<float>;
extern template class Network<double>;

}  // namespace resonance
