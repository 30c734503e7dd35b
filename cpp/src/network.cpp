#include "resonance/network.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <new>

#include "engines/entrain.hpp"
#include "engines/factored.hpp"
#include "engines/fused.hpp"
#include "engines/run.hpp"
#include "engines/sparse.hpp"
#include "factored/factors.hpp"
#include "kernels/kernels.hpp"
#include "memory.hpp"
#include "parallel.hpp"
#include "phases.hpp"
#include "pins.hpp"
#include "products.hpp"
#include "snapshot.hpp"
#include "sparse/edges.hpp"
#include "sparse/pass.hpp"
#include "state.hpp"
#include "weights.hpp"

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

void copy_wrapped(span<const double> phases, double* out) noexcept {
    for (const double phase : phases) *out++ = detail::wrap_phase(phase);
}

double largest_magnitude(const double* values, std::ptrdiff_t n) noexcept {
    double largest = 0;
    for (std::ptrdiff_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(values[i]));
    return largest;
}

}  // namespace

template <class Real>
Network<Real>::Network(detail::State<Real>& state, detail::Scratch& scratch) noexcept
    : state_(state), scratch_(scratch) {}

template <class Real>
Network<Real>::~Network() {
    detail::Factors<Real>::destroy(state_.factors);
    scratch_.~Scratch();
}

template <class Real>
void Network<Real>::operator delete(void* network) noexcept {
    detail::release(network);  // a network on the heap stands at the beginning of its memory
}

namespace {

//! Columns that no matrix has, bytes of columns from which fewer are allowed, and groups of pairs, each of at most n.
constexpr std::ptrdiff_t kMostRank = 1'000'000'000, kMostBytes = 1'073'741'824;
constexpr std::ptrdiff_t kMostDirections = detail::Factors<double>::kMostGroups;

//! The most pairs of factored weights; 0 where it can't be.
template <class Real>
std::ptrdiff_t most_pairs(const Options& options) noexcept {
    const std::ptrdiff_t n = options.n_nodes;
    if (options.max_rank > 0) return options.max_rank > kMostRank ? 0 : (options.max_rank + 1) / 2;
    if (options.max_rank < 0) return 0;
    const std::ptrdiff_t affordable = kMostBytes / static_cast<std::ptrdiff_t>(sizeof(Real)) / n;
    return std::min({std::ptrdiff_t{1024}, std::max(std::ptrdiff_t{128}, affordable), kMostDirections * 2 * n}) / 2;
}

}  // namespace

template <class Real>
Status Network<Real>::make(const Options& options, const Graph<Real>* graph, const Shard* shard, std::byte* aligned,
                           Network*& network) noexcept {
    using detail::State, detail::Scratch;
    static_assert(detail::padded<State<Real>>(1) + detail::padded<Scratch>(1) <= detail::kMemberBytes);
    if (const Status status = validate(options.hyperparameters); status != Status::ok) return status;
    if (options.threads < 0) return Status::invalid_value;
    std::byte* const members = aligned + detail::padded<Network>(1);
    auto* state = ::new (members) State<Real>;
    auto* scratch = ::new (members + detail::padded<State<Real>>(1)) Scratch;
    const Shard rows = shard == nullptr ? Shard{0, options.n_nodes, {}} : *shard;
    if (graph != nullptr) {
        state->place_edges(*graph, members + detail::kMemberBytes);
    } else if (options.storage == WeightStorage::dense) {
        state->place(options.n_nodes, rows, members + detail::kMemberBytes);
    } else {
        const std::ptrdiff_t pairs = most_pairs<Real>(options);
        if (pairs < 1) return Status::invalid_value;
        state->factors = detail::Factors<Real>::make(options.n_nodes, rows, pairs);
        if (state->factors == nullptr) return Status::out_of_memory;
        state->place_vectors(options.n_nodes, options.storage, rows, members + detail::kMemberBytes);
    }
    network = ::new (aligned) Network(*state, *scratch);
    network->hyperparameters_ = options.hyperparameters;
    network->threads_setting_ = options.threads;
    return Status::ok;
}

template <class Real>
Status Network<Real>::create(const Options& options, std::unique_ptr<Network>& network) noexcept {
    if (options.n_nodes < 1) return Status::invalid_size;
    if (options.storage == WeightStorage::sparse) return Status::invalid_value;
    const std::size_t bytes = options.storage == WeightStorage::dense ? storage_size(options) : vectors_size(options);
    return allocate_and_make(options, nullptr, nullptr, bytes, network);
}

template <class Real>
Status Network<Real>::create(const Options& options, const Shard& shard, std::unique_ptr<Network>& network) noexcept {
    if (options.n_nodes < 1 || shard.first < 0 || shard.first >= shard.last || shard.last > options.n_nodes)
        return Status::invalid_size;
    const Exchange& exchange = shard.exchange;
    if (options.storage == WeightStorage::sparse || exchange.gather == nullptr || exchange.sum == nullptr ||
        exchange.rank < 0 || exchange.rank >= exchange.ranks)
        return Status::invalid_value;
    const bool dense = options.storage == WeightStorage::dense;
    const std::size_t rows = dense ? size(shard.last - shard.first) : 0;
    const std::size_t row = detail::row_bytes<Real>(size(options.n_nodes)), vectors = vectors_size(options);
    if (vectors == 0 || (rows > 0 && row > std::numeric_limits<std::size_t>::max() / 4 / rows))
        return Status::out_of_memory;
    return allocate_and_make(options, nullptr, &shard, vectors + rows * row, network);
}

template <class Real>
Status Network<Real>::create(const Options& options, const Graph<Real>& graph,
                             std::unique_ptr<Network>& network) noexcept {
    if (const Status status = detail::check_graph(graph, options.n_nodes); status != Status::ok) return status;
    const std::size_t n = size(options.n_nodes);
    const std::size_t bytes = detail::padded<Network>(1) + detail::kMemberBytes + detail::vector_bytes<Real>(n) +
                              detail::edge_bytes<Real>(n, graph.columns.size());
    return allocate_and_make(options, &graph, nullptr, bytes, network);
}

template <class Real>
Status Network<Real>::allocate_and_make(const Options& options, const Graph<Real>* graph, const Shard* shard,
                                        std::size_t bytes, std::unique_ptr<Network>& network) noexcept {
    void* memory = bytes == 0 ? nullptr : detail::allocate(bytes);
    if (memory == nullptr) return Status::out_of_memory;
    Network* made = nullptr;
    const Status status = make(options, graph, shard, static_cast<std::byte*>(memory), made);
    if (status == Status::ok)
        network.reset(made);
    else
        detail::release(memory);
    return status;
}

template <class Real>
std::size_t Network<Real>::vectors_size(const Options& options) noexcept {
    const auto count = size(options.n_nodes);
    if (count > std::numeric_limits<std::size_t>::max() / 1024) return 0;
    return detail::padded<Network>(1) + detail::kMemberBytes + detail::vector_bytes<Real>(count);
}

template <class Real>
Status Network<Real>::create(const Options& options, span<std::byte> storage, Network*& network) noexcept {
    if (options.storage != WeightStorage::dense) return Status::unavailable;
    const std::size_t bytes = storage_size(options);
    if (bytes == 0 || storage.size() < bytes) return Status::invalid_size;
    const auto misaligned = reinterpret_cast<std::uintptr_t>(storage.data()) % detail::kVectorAlignment;
    return make(options, nullptr, nullptr,
                storage.data() + (misaligned == 0 ? 0 : detail::kVectorAlignment - misaligned), network);
}

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

namespace {

template <class Real, class Input>
Status step_any(detail::State<Real>& state, const detail::Conditions& conditions, const Input* input,
                bool per_node) noexcept {
    if (state.storage == WeightStorage::factored) return step_factored(state, conditions, input, per_node);
    if (state.storage == WeightStorage::sparse) return step_sparse(state, conditions, input, per_node);
    return step_fused(state, conditions, input, per_node);
}

//! Phases that are not finite tell of an input that isn't: no pass of its own to look for it.
template <class Real, class Input>
Status step(detail::State<Real>& state, const detail::Conditions& conditions, span<const Input> input) noexcept {
    if (input.size() != size(state.n)) return Status::invalid_size;
    if (const Status status = check_time_step(conditions.dt); status != Status::ok) return status;
    const Status status = step_any(state, conditions, input.data(), true);
    return status == Status::phase_overflow && !finite(input) ? Status::non_finite : status;
}

}  // namespace

template <class Real>
Status Network<Real>::update(span<const double> input, double dt) noexcept RESONANCE_NONBLOCKING {
    return step(state_, conditions(dt), input);
}

template <class Real>
Status Network<Real>::update(span<const float> input, double dt) noexcept RESONANCE_NONBLOCKING {
    return step(state_, conditions(dt), input);
}

template <class Real>
Status Network<Real>::update(double input, double dt) noexcept RESONANCE_NONBLOCKING {
    if (const Status status = check_time_step(dt); status != Status::ok) return status;
    const Status status = step_any(state_, conditions(dt), &input, false);
    return status == Status::phase_overflow && !std::isfinite(input) ? Status::non_finite : status;
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
Status Network<Real>::run(const Inputs& inputs, double dt, Interrupt interrupt, std::int64_t& completed) noexcept {
    return run_watched(inputs, dt, nullptr, interrupt, completed);
}

template <class Real>
Status Network<Real>::run(const Inputs& inputs, double dt, Observer<Real>& observer, Interrupt interrupt,
                          std::int64_t& completed) noexcept {
    return run_watched(inputs, dt, &observer, interrupt, completed);
}

template <class Real>
Status Network<Real>::run_watched(const Inputs& inputs, double dt, Observer<Real>* observer, Interrupt interrupt,
                                  std::int64_t& completed) noexcept {
    completed = 0;
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    if (inputs.rows < 0 || inputs.hold < 0 || inputs.skip < 0 ||
        (inputs.skip > 0 && (inputs.rows == 0 || inputs.skip >= inputs.hold)) ||
        (inputs.hold > 0 && inputs.rows > most / inputs.hold) || inputs.rows > most / n_nodes())
        return Status::invalid_size;
    if (const Status status = check_time_step(dt); status != Status::ok) return status;
    const std::ptrdiff_t count = inputs.rows * (inputs.per_node ? n_nodes() : 1);
    if (!finite(span<const double>(inputs.values, size(count)))) return Status::non_finite;
    // The whole run is refused before its first step where its phases could leave the range of float64.
    if (!phases_fit(largest_magnitude(inputs.values, count), dt)) return Status::phase_overflow;
    detail::Timeline timeline(inputs, n_nodes());
    return advance(timeline, conditions(dt), scratch_, {interrupt, observer}, completed);
}

template <class Real>
bool Network<Real>::phases_fit(double largest_input, double dt) const noexcept {
    return std::isfinite(detail::kTwoPi * largest_magnitude(state_.frequencies, n_nodes()) * dt + largest_input * dt +
                         detail::kLargestNormal * conditions(dt).noise_scale());
}

template <class Real>
Status Network<Real>::advance(detail::Timeline& timeline, const detail::Conditions& conditions,
                              detail::Scratch& scratch, const detail::Watch<Real>& watch,
                              std::int64_t& completed) noexcept {
    const Status status = detail::run(state_, conditions, timeline, scratch, watch, completed);
    if (state_.factors != nullptr) state_.factors->release_base();
    if (!state_.sums_current) detail::phases_have_changed(state_);  // blocks of steps keep cosines of their own
    // What overflows later on can only be the coupling.
    return status == Status::phase_overflow && completed > 0 ? Status::diverged : status;
}

template <class Real>
template <class Source>
Status Network<Real>::entrain(span<const Source> offsets, std::optional<double> fading_factor, Interrupt interrupt,
                              std::int64_t& completed) noexcept RESONANCE_NONBLOCKING {
    completed = 0;
    if (offsets.size() % size(n_nodes()) != 0) return Status::invalid_size;
    if (fading_factor && !(*fading_factor >= 0 && *fading_factor <= 1)) return Status::invalid_value;
    if (any_infinite(offsets)) return Status::non_finite;
    const auto rows = static_cast<std::int64_t>(offsets.size() / size(n_nodes()));
    const detail::OffsetRows<Real, Source> presentations(state_, offsets.data(), threads());
    return detail::entrain(state_, presentations, rows, fading_factor, conditions(1), scratch_, interrupt, completed);
}

template <class Real>
Status Network<Real>::entrain(span<const Real> rows, const Encoding<Real>& encoding,
                              std::optional<double> fading_factor, Interrupt interrupt,
                              std::int64_t& completed) noexcept RESONANCE_NONBLOCKING {
    completed = 0;
    const std::size_t n = size(n_nodes()), columns = encoding.projection.size() / n;
    if (columns == 0 || encoding.projection.size() % n != 0 || encoding.shift.size() != n || rows.size() % columns != 0)
        return Status::invalid_size;
    if (fading_factor && !(*fading_factor >= 0 && *fading_factor <= 1)) return Status::invalid_value;
    if (!finite(rows) || !finite(encoding.projection) || !finite(encoding.shift)) return Status::non_finite;
    const auto count = static_cast<std::int64_t>(rows.size() / columns);
    const detail::EncodedRows<Real> presentations(state_, rows.data(), encoding, threads());
    return detail::entrain(state_, presentations, count, fading_factor, conditions(1), scratch_, interrupt, completed);
}

template <class Real>
detail::Conditions Network<Real>::conditions(double dt) const noexcept RESONANCE_NONBLOCKING {
    return {hyperparameters_, dt, learning_, detail::threads_for(state_, threads_setting_), tolerance_};
}

template <class Real>
std::ptrdiff_t Network<Real>::n_nodes() const noexcept RESONANCE_NONBLOCKING {
    return state_.n;
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
std::int64_t Network<Real>::presentation_count() const noexcept RESONANCE_NONBLOCKING {
    return state_.presentation_count;
}

template <class Real>
span<const double> Network<Real>::phases() const noexcept RESONANCE_NONBLOCKING {
    return {state_.phases, size(n_nodes())};
}

template <class Real>
span<const double> Network<Real>::frequencies() const noexcept RESONANCE_NONBLOCKING {
    return {state_.frequencies, size(n_nodes())};
}

template <class Real>
span<const double> Network<Real>::initial_phases() const noexcept RESONANCE_NONBLOCKING {
    return {state_.initial_phases, size(n_nodes())};
}

template <class Real>
span<const Real> Network<Real>::amplitudes() const noexcept RESONANCE_NONBLOCKING {
    return {state_.amplitudes, size(n_nodes())};
}

template <class Real>
WeightStorage Network<Real>::weight_storage() const noexcept RESONANCE_NONBLOCKING {
    return state_.storage;
}

template <class Real>
const Real* Network<Real>::weights() const noexcept RESONANCE_NONBLOCKING {
    return state_.weights;
}

template <class Real>
std::ptrdiff_t Network<Real>::first_row() const noexcept RESONANCE_NONBLOCKING {
    return state_.first_row;
}

template <class Real>
std::ptrdiff_t Network<Real>::row_count() const noexcept RESONANCE_NONBLOCKING {
    return state_.row_count;
}

template <class Real>
std::ptrdiff_t Network<Real>::weight_stride() const noexcept RESONANCE_NONBLOCKING {
    return state_.stride;
}

template <class Real>
span<const Real> Network<Real>::weight_row(std::ptrdiff_t node) const noexcept RESONANCE_NONBLOCKING {
    return {state_.weight_row(node), size(n_nodes())};
}

template <class Real>
Status Network<Real>::copy_weights(span<const std::int64_t> rows, span<const std::int64_t> columns,
                                   span<Real> block) const noexcept {
    if (block.size() != rows.size() * columns.size()) return Status::invalid_size;
    for (const std::int64_t node : rows)
        if (!has(node)) return Status::invalid_node;
    for (const std::int64_t node : columns)
        if (!has(node)) return Status::invalid_node;
    if (!block.empty()) detail::copy_weights<Real>(state_, rows, columns, block.data());
    return Status::ok;
}

template <class Real>
FactoredWeights<Real> Network<Real>::factors() const noexcept RESONANCE_NONBLOCKING {
    return state_.factors == nullptr ? FactoredWeights<Real>() : state_.factors->view();
}

template <class Real>
std::ptrdiff_t Network<Real>::max_rank() const noexcept RESONANCE_NONBLOCKING {
    return state_.factors == nullptr ? 0 : 2 * state_.factors->most_pairs();
}

template <class Real>
std::ptrdiff_t Network<Real>::compressed_rank() const noexcept RESONANCE_NONBLOCKING {
    return state_.factors == nullptr ? 0 : 2 * state_.factors->largest_count();
}

template <class Real>
std::ptrdiff_t Network<Real>::rank() const noexcept RESONANCE_NONBLOCKING {
    return state_.factors == nullptr ? 0 : 2 * state_.factors->count();
}

template <class Real>
WeightError Network<Real>::weight_error() const noexcept {
    return state_.factors == nullptr ? WeightError() : state_.factors->error(threads());
}

template <class Real>
std::size_t Network<Real>::factored_bytes(std::ptrdiff_t n_nodes, std::ptrdiff_t max_rank,
                                          std::ptrdiff_t row_count) noexcept {
    Options options;
    options.n_nodes = n_nodes;
    options.max_rank = max_rank;
    const std::ptrdiff_t pairs = n_nodes < 1 ? 0 : most_pairs<Real>(options);
    return pairs < 1 || row_count < 1 ? 0 : detail::Factors<Real>::bytes(row_count, pairs);
}

template <class Real>
Status Network<Real>::set_factors(const FactoredWeights<Real>& factors) noexcept {
    if (const Status status = check_factors(factors); status != Status::ok) return status;
    if (const Status status = state_.factors->set(factors); status != Status::ok) return status;
    state_.sums_current = false;
    return Status::ok;
}

template <class Real>
Status Network<Real>::check_factors(const FactoredWeights<Real>& factors) const noexcept {
    return state_.factors == nullptr ? Status::unavailable : state_.factors->check(factors);
}

template <class Real>
Status Network<Real>::outputs(span<Real> values) const noexcept RESONANCE_NONBLOCKING {
    if (values.size() != size(n_nodes())) return Status::invalid_size;
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = state_.amplitudes[i] * state_.cosines[i];
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_phase(std::ptrdiff_t node, double phase) noexcept RESONANCE_NONBLOCKING {
    if (!has(node)) return Status::invalid_node;
    if (!std::isfinite(phase)) return Status::non_finite;
    detail::move_phase(state_, node, detail::wrap_phase(phase));
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_weight(std::ptrdiff_t row, std::ptrdiff_t column,
                                 Real weight) noexcept RESONANCE_NONBLOCKING {
    if (state_.storage == WeightStorage::factored) return Status::unavailable;
    if (!has(row) || !has(column)) return Status::invalid_node;
    const bool sparse = state_.storage == WeightStorage::sparse;
    const std::int64_t edge = sparse ? state_.edges.find(row, column) : 0;
    if (edge < 0) return Status::invalid_node;
    if (!std::isfinite(weight)) return Status::non_finite;
    if (!sparse && !state_.has_row(row)) return Status::ok;
    Real& place = sparse ? state_.edges.weights[edge] : state_.weight_row(row)[column];
    detail::change_weight(state_, place, row, column, weight);
    return Status::ok;
}

template <class Real>
std::int64_t Network<Real>::n_edges() const noexcept RESONANCE_NONBLOCKING {
    return state_.edges.count;
}

template <class Real>
Status Network<Real>::copy_edge_weights(std::int64_t first, span<Real> weights) const noexcept {
    const auto count = static_cast<std::int64_t>(weights.size());
    if (first < 0 || first > n_edges() || count > n_edges() - first) return Status::invalid_size;
    Real* out = weights.data();
    detail::for_edges(state_.edges, n_nodes(), first, count,
                      [&](const Real* part, std::int64_t length) { out = std::copy_n(part, length, out); });
    return Status::ok;
}

template <class Real>
template <class Source>
Status Network<Real>::set_edge_weights(span<const Source> weights) noexcept RESONANCE_NONBLOCKING {
    if (state_.storage != WeightStorage::sparse) return Status::unavailable;
    if (weights.size() != static_cast<std::size_t>(n_edges())) return Status::invalid_size;
    if (!fits<Real>(weights)) return Status::non_finite;
    const Source* from = weights.data();
    detail::for_edges(state_.edges, n_nodes(), 0, n_edges(), [&](Real* part, std::int64_t length) {
        for (std::int64_t k = 0; k < length; ++k) part[k] = static_cast<Real>(*from++);
    });
    state_.sums_current = false;
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_phases(span<const double> phases) noexcept RESONANCE_NONBLOCKING {
    if (phases.size() != size(n_nodes())) return Status::invalid_size;
    if (!finite(phases)) return Status::non_finite;
    copy_wrapped(phases, state_.phases);
    detail::phases_have_changed(state_);
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_frequencies(span<const double> frequencies) noexcept RESONANCE_NONBLOCKING {
    if (frequencies.size() != size(n_nodes())) return Status::invalid_size;
    if (!finite(frequencies)) return Status::non_finite;
    std::copy(frequencies.begin(), frequencies.end(), state_.frequencies);
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_initial_phases(span<const double> phases) noexcept RESONANCE_NONBLOCKING {
    if (phases.size() != size(n_nodes())) return Status::invalid_size;
    if (!finite(phases)) return Status::non_finite;
    copy_wrapped(phases, state_.initial_phases);
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_amplitudes(span<const double> amplitudes) noexcept RESONANCE_NONBLOCKING {
    if (amplitudes.size() != size(n_nodes())) return Status::invalid_size;
    if (!fits<Real>(amplitudes)) return Status::non_finite;
    std::transform(amplitudes.begin(), amplitudes.end(), state_.amplitudes,
                   [](double x) { return static_cast<Real>(x); });
    return Status::ok;
}

template <class Real>
template <class Source>
Status Network<Real>::set_weight_rows(std::ptrdiff_t first, span<const Source> rows) noexcept RESONANCE_NONBLOCKING {
    if (state_.storage != WeightStorage::dense) return Status::unavailable;
    const std::size_t n = size(n_nodes());
    if (first < state_.first_row || rows.size() % n != 0 ||
        size(first - state_.first_row) + rows.size() / n > size(state_.row_count))
        return Status::invalid_size;
    if (!fits<Real>(rows)) return Status::non_finite;
    Real* out = state_.weight_row(first);
    for (const Source* row = rows.begin(); row != rows.end(); row += n, out += state_.stride) {
        std::transform(row, row + n, out, [](Source x) { return static_cast<Real>(x); });
        std::fill(out + n, out + state_.columns, Real(0));  // an overflow may have left NaNs there
    }
    state_.sums_current = false;
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_clock(std::int64_t step_count, double time) noexcept RESONANCE_NONBLOCKING {
    if (step_count < 0 || !std::isfinite(time)) return Status::invalid_value;
    state_.step_count = step_count;
    state_.time = time;
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_presentation_count(std::int64_t count) noexcept RESONANCE_NONBLOCKING {
    if (count < 0) return Status::invalid_value;
    state_.presentation_count = count;
    return Status::ok;
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
span<const double> Network<Real>::cosine_sums() const noexcept RESONANCE_NONBLOCKING {
    return {state_.cosine_sums, state_.sums_current ? size(n_nodes()) : 0};
}

template <class Real>
span<const double> Network<Real>::sine_sums() const noexcept RESONANCE_NONBLOCKING {
    return {state_.sine_sums, state_.sums_current ? size(n_nodes()) : 0};
}

template <class Real>
Status Network<Real>::set_sums(span<const double> cosine_sums,
                               span<const double> sine_sums) noexcept RESONANCE_NONBLOCKING {
    if (cosine_sums.size() != size(n_nodes()) || sine_sums.size() != size(n_nodes())) return Status::invalid_size;
    if (!finite(cosine_sums) || !finite(sine_sums)) return Status::non_finite;
    std::copy(cosine_sums.begin(), cosine_sums.end(), state_.cosine_sums);
    std::copy(sine_sums.begin(), sine_sums.end(), state_.sine_sums);
    state_.sums_current = true;
    return Status::ok;
}

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
Status Network<Real>::set_tolerance(double tolerance) noexcept RESONANCE_NONBLOCKING {
    if (!std::isfinite(tolerance) || tolerance <= 0) return Status::invalid_value;
    tolerance_ = tolerance;
    return Status::ok;
}

template <class Real>
double Network<Real>::tolerance() const noexcept RESONANCE_NONBLOCKING {
    return tolerance_;
}

template <class Real>
Status Network<Real>::set_threads(int threads) noexcept RESONANCE_NONBLOCKING {
    if (threads < 0) return Status::invalid_value;
    threads_setting_ = threads;
    return Status::ok;
}

template <class Real>
int Network<Real>::threads_setting() const noexcept RESONANCE_NONBLOCKING {
    return threads_setting_;
}

template <class Real>
int Network<Real>::threads() const noexcept {
    return detail::threads_for(state_, threads_setting_);
}

template <class Real>
bool Network<Real>::has(std::ptrdiff_t node) const noexcept RESONANCE_NONBLOCKING {
    return node >= 0 && node < n_nodes();
}

template <class Real>
Status Network<Real>::pin(std::ptrdiff_t node, double amplitude) noexcept RESONANCE_NONBLOCKING {
    const std::int64_t nodes[] = {node};
    return pin(span<const std::int64_t>(nodes, 1), span<const double>(&amplitude, 1));
}

template <class Real>
Status Network<Real>::pin(std::ptrdiff_t node, double amplitude, double phase) noexcept RESONANCE_NONBLOCKING {
    const std::int64_t nodes[] = {node};
    return pin(span<const std::int64_t>(nodes, 1), span<const double>(&amplitude, 1), span<const double>(&phase, 1));
}

template <class Real>
Status Network<Real>::pin(span<const std::int64_t> nodes,
                          span<const double> amplitudes) noexcept RESONANCE_NONBLOCKING {
    if (nodes.size() != amplitudes.size()) return Status::invalid_size;
    for (const std::int64_t node : nodes)
        if (!has(node)) return Status::invalid_node;
    if (!fits<Real>(amplitudes)) return Status::non_finite;
    for (std::size_t k = 0; k < nodes.size(); ++k)
        detail::hold_amplitude(state_, nodes[k], static_cast<Real>(amplitudes[k]));
    return Status::ok;
}

template <class Real>
Status Network<Real>::pin(span<const std::int64_t> nodes, span<const double> amplitudes,
                          span<const double> phases) noexcept RESONANCE_NONBLOCKING {
    if (nodes.size() != phases.size()) return Status::invalid_size;
    if (!finite(phases)) return Status::non_finite;
    if (const Status status = pin(nodes, amplitudes); status != Status::ok) return status;
    // The products follow each phase along a column of W, a cache line for every weight: beyond some n / 8 phases a new
    // pass is cheaper.
    if (nodes.size() > 1 + size(n_nodes()) / 8) state_.sums_current = false;
    for (std::size_t k = 0; k < nodes.size(); ++k) detail::hold_phase(state_, nodes[k], phases[k]);
    return Status::ok;
}

template <class Real>
Status Network<Real>::unpin(std::ptrdiff_t node) noexcept RESONANCE_NONBLOCKING {
    const std::int64_t nodes[] = {node};
    return unpin(span<const std::int64_t>(nodes, 1));
}

template <class Real>
Status Network<Real>::unpin(span<const std::int64_t> nodes) noexcept RESONANCE_NONBLOCKING {
    for (const std::int64_t node : nodes)
        if (!has(node)) return Status::invalid_node;
    for (const std::int64_t node : nodes) detail::let_go(state_, node);
    detail::count_pins(state_);
    return Status::ok;
}

template <class Real>
span<const unsigned char> Network<Real>::amplitude_pins() const noexcept RESONANCE_NONBLOCKING {
    return {state_.amplitude_pins, size(n_nodes())};
}

template <class Real>
span<const unsigned char> Network<Real>::phase_pins() const noexcept RESONANCE_NONBLOCKING {
    return {state_.phase_pins, size(n_nodes())};
}

template <class Real>
span<const Real> Network<Real>::pinned_amplitudes() const noexcept RESONANCE_NONBLOCKING {
    return {state_.pinned_amplitudes, size(n_nodes())};
}

template <class Real>
span<const double> Network<Real>::pinned_phases() const noexcept RESONANCE_NONBLOCKING {
    return {state_.pinned_phases, size(n_nodes())};
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

template <class Real>
bool Network<Real>::owns(const void* pointer) const noexcept RESONANCE_NONBLOCKING {
    const auto* begin = static_cast<const unsigned char*>(state_.memory);
    const auto* p = static_cast<const unsigned char*>(pointer);
    return p >= begin && p < begin + state_.memory_bytes;
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
template Status Network<float>::set_edge_weights(span<const float>) noexcept RESONANCE_NONBLOCKING;
template Status Network<float>::set_edge_weights(span<const double>) noexcept RESONANCE_NONBLOCKING;
template Status Network<double>::set_edge_weights(span<const float>) noexcept RESONANCE_NONBLOCKING;
template Status Network<double>::set_edge_weights(span<const double>) noexcept RESONANCE_NONBLOCKING;
template Status Network<float>::set_weight_rows(std::ptrdiff_t, span<const float>) noexcept RESONANCE_NONBLOCKING;
template Status Network<float>::set_weight_rows(std::ptrdiff_t, span<const double>) noexcept RESONANCE_NONBLOCKING;
template Status Network<double>::set_weight_rows(std::ptrdiff_t, span<const float>) noexcept RESONANCE_NONBLOCKING;
template Status Network<double>::set_weight_rows(std::ptrdiff_t, span<const double>) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance
