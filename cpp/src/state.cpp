#include "state.hpp"

#include <cstring>
#include <initializer_list>
#include <limits>

#include "memory.hpp"

namespace resonance::detail {
namespace {

constexpr std::size_t kPage = 4096;

//! Bytes of a row of weights. Rows whose distance is a multiple of the page size compete for the same cache sets, and
//! a store to one is mistaken for a store to the next: one more vector sets them apart.
template <class Real>
constexpr std::size_t row_bytes(std::size_t n) {
    const std::size_t bytes = padded<Real>(n);
    return bytes % kPage == 0 ? bytes + kVectorAlignment : bytes;
}

template <class Real>
std::size_t carve(State<Real>& state, void* block, std::size_t n) {
    Carver carver(block);
    carver.take(state.weights, n * row_bytes<Real>(n) / sizeof(Real));
    for (double** vector : {&state.phases, &state.frequencies, &state.initial_phases, &state.pinned_phases,
                            &state.cosine_sums, &state.sine_sums, &state.next_phases})
        carver.take(*vector, n);
    for (Real** vector : {&state.amplitudes, &state.pinned_amplitudes, &state.cosines, &state.sines, &state.column_u,
                          &state.column_v, &state.row_u, &state.row_v})
        carver.take(*vector, n);
    carver.take(state.amplitude_pins, n);
    carver.take(state.phase_pins, n);
    return carver.used();
}

}  // namespace

template <class Real>
std::size_t State<Real>::size_for(std::ptrdiff_t n) noexcept {
    if (n < 1) return 0;
    const auto count = static_cast<std::size_t>(n);
    // Far from overflow: a row, times the rows, times a little for the vectors.
    if (count > std::numeric_limits<std::size_t>::max() / 1024) return 0;
    if (row_bytes<Real>(count) > std::numeric_limits<std::size_t>::max() / 4 / count) return 0;
    State<Real> nothing;
    return carve<Real>(nothing, nullptr, count);
}

template <class Real>
bool State<Real>::allocate(std::ptrdiff_t nodes) noexcept {
    const std::size_t bytes = size_for(nodes);
    if (bytes == 0) return false;
    void* block = allocate_zeroed(bytes);
    if (block == nullptr) return false;
    memory = block;
    memory_bytes = bytes;
    n = nodes;
    columns = static_cast<std::ptrdiff_t>(padded<Real>(static_cast<std::size_t>(n)) / sizeof(Real));
    stride = static_cast<std::ptrdiff_t>(row_bytes<Real>(static_cast<std::size_t>(n)) / sizeof(Real));
    carve(*this, block, static_cast<std::size_t>(n));
    return true;
}

template <class Real>
void State<Real>::assign(const State& other) noexcept {
    std::memcpy(memory, other.memory, memory_bytes);  // sizes alone decide where in it everything is
    step_count = other.step_count;
    time = other.time;
    presentation_count = other.presentation_count;
    any_amplitude_pinned = other.any_amplitude_pinned;
    any_phase_pinned = other.any_phase_pinned;
    sums_current = other.sums_current;
}

template <class Real>
State<Real>::~State() {
    release(memory);
}

template struct State<float>;
template struct State<double>;

}  // namespace resonance::detail
