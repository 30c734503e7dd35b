#include "state.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "memory.hpp"
#include "resonance/storage.hpp"

namespace resonance::detail {
namespace {

template <class Real>
void carve(State<Real>& state, void* block, std::size_t n) noexcept {
    double** const doubles[] = {&state.phases,      &state.frequencies, &state.initial_phases, &state.pinned_phases,
                                &state.cosine_sums, &state.sine_sums,   &state.next_phases};
    Real** const reals[] = {&state.amplitudes, &state.pinned_amplitudes, &state.cosines, &state.sines,
                            &state.column_u,   &state.column_v,          &state.row_u,   &state.row_v};
    unsigned char** const flags[] = {&state.amplitude_pins, &state.phase_pins};
    static_assert(std::size(doubles) == kDoubleVectors && std::size(reals) == kRealVectors &&
                  std::size(flags) == kFlagVectors);

    Carver carver(block);
    if (state.storage == WeightStorage::dense)
        carver.take(state.weights, static_cast<std::size_t>(state.row_count) * row_bytes<Real>(n) / sizeof(Real));
    for (double** vector : doubles) carver.take(*vector, n);
    for (Real** vector : reals) carver.take(*vector, n);
    for (unsigned char** vector : flags) carver.take(*vector, n);
    if (state.storage == WeightStorage::sparse) state.edges.carve(carver, n);
}

}  // namespace

template <class Real>
void State<Real>::place(std::ptrdiff_t nodes, const Shard& shard, void* block) noexcept {
    const auto count = static_cast<std::size_t>(nodes);
    memory_bytes =
        vector_bytes<Real>(count) + static_cast<std::size_t>(shard.last - shard.first) * row_bytes<Real>(count);
    lay_out(nodes, shard, block);
}

template <class Real>
void State<Real>::place_vectors(std::ptrdiff_t nodes, WeightStorage weight_storage, const Shard& shard,
                                void* block) noexcept {
    storage = weight_storage;
    memory_bytes = vector_bytes<Real>(static_cast<std::size_t>(nodes));
    lay_out(nodes, shard, block);
}

template <class Real>
void State<Real>::place_edges(const Graph<Real>& graph, void* block) noexcept {
    const std::size_t count = graph.row_starts.size() - 1, edge_count = graph.columns.size();
    const auto nodes = static_cast<std::ptrdiff_t>(count);
    storage = WeightStorage::sparse;
    edges.count = static_cast<std::int64_t>(edge_count);
    memory_bytes = vector_bytes<Real>(count) + edge_bytes<Real>(count, edge_count);
    lay_out(nodes, {0, nodes, {}}, block);
    edges.fill(graph);
    sums_current = graph.weights.empty();
}

template <class Real>
void State<Real>::lay_out(std::ptrdiff_t nodes, const Shard& shard, void* block) noexcept {
    first_row = shard.first;
    row_count = shard.last - shard.first;
    exchange = shard.exchange;
    const auto count = static_cast<std::size_t>(nodes);
    memory = block;
    n = nodes;
    columns = static_cast<std::ptrdiff_t>(padded<Real>(count) / sizeof(Real));
    stride = static_cast<std::ptrdiff_t>(row_bytes<Real>(count) / sizeof(Real));
    std::memset(block, 0, memory_bytes);
    carve(*this, block, count);
    std::fill_n(amplitudes, n, Real(1));
    std::fill_n(cosines, n, Real(1));
    sums_current = true;  // no weights: all products are 0
}

template <class Real>
void State<Real>::assign(const State& other) noexcept RESONANCE_NONBLOCKING {
    std::memcpy(memory, other.memory, memory_bytes);  // sizes alone decide where in it everything is
    step_count = other.step_count;
    time = other.time;
    presentation_count = other.presentation_count;
    noise_seed = other.noise_seed;
    any_amplitude_pinned = other.any_amplitude_pinned;
    any_phase_pinned = other.any_phase_pinned;
    sums_current = other.sums_current;
}

template struct State<float>;
template struct State<double>;

}  // namespace resonance::detail
