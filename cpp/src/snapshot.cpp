// A snapshot is a head, which tells what it is, and the state's arrays as they lie in memory, derived ones included: a
// step after restore() has the same bits as without.
#include "snapshot.hpp"

#include <cstdint>
#include <cstring>

#include "resonance/version.hpp"

namespace resonance::detail {
namespace {

constexpr std::uint64_t kMark = 0x5245534f4e414e43 + std::uint64_t{RESONANCE_VERSION_MAJOR} * 10000 +
                                std::uint64_t{RESONANCE_VERSION_MINOR} * 100 + RESONANCE_VERSION_PATCH;

struct Head {
    std::uint64_t mark;
    std::uint64_t real_bytes, arrays_bytes;
    std::int64_t n;
    std::int64_t edge_count, first_row;
    WeightStorage storage;
    std::int64_t step_count, presentation_count;
    std::uint64_t noise_seed;
    double time;
    Settings settings;
    bool any_amplitude_pinned, any_phase_pinned, sums_current;
};

}  // namespace

template <class Real>
std::size_t snapshot_bytes(const State<Real>& state) noexcept RESONANCE_NONBLOCKING {
    return sizeof(Head) + state.memory_bytes;
}

template <class Real>
void write_snapshot(const State<Real>& state, const Settings& settings,
                    std::byte* memory) noexcept RESONANCE_NONBLOCKING {
    Head head;
    std::memset(static_cast<void*>(&head), 0, sizeof head);  // what lies between its members, too
    head.mark = kMark;
    head.real_bytes = sizeof(Real);
    head.arrays_bytes = state.memory_bytes;
    head.n = state.n;
    head.edge_count = state.edges.count;
    head.first_row = state.first_row;
    head.storage = state.storage;
    head.step_count = state.step_count;
    head.presentation_count = state.presentation_count;
    head.noise_seed = state.noise_seed;
    head.time = state.time;
    head.settings = settings;
    head.any_amplitude_pinned = state.any_amplitude_pinned;
    head.any_phase_pinned = state.any_phase_pinned;
    head.sums_current = state.sums_current;
    std::memcpy(memory, &head, sizeof head);
    std::memcpy(memory + sizeof head, state.memory, state.memory_bytes);
}

template <class Real>
bool read_snapshot(const std::byte* memory, State<Real>& state, Settings& settings) noexcept RESONANCE_NONBLOCKING {
    Head head;
    std::memcpy(&head, memory, sizeof head);
    if (head.mark != kMark || head.real_bytes != sizeof(Real) || head.arrays_bytes != state.memory_bytes ||
        head.n != state.n || head.edge_count != state.edges.count || head.first_row != state.first_row ||
        head.storage != state.storage)
        return false;
    std::memcpy(state.memory, memory + sizeof head, state.memory_bytes);
    state.step_count = head.step_count;
    state.presentation_count = head.presentation_count;
    state.noise_seed = head.noise_seed;
    state.time = head.time;
    state.any_amplitude_pinned = head.any_amplitude_pinned;
    state.any_phase_pinned = head.any_phase_pinned;
    state.sums_current = head.sums_current;
    settings = head.settings;
    return true;
}

template std::size_t snapshot_bytes(const State<float>&) noexcept RESONANCE_NONBLOCKING;
template std::size_t snapshot_bytes(const State<double>&) noexcept RESONANCE_NONBLOCKING;
template void write_snapshot(const State<float>&, const Settings&, std::byte*) noexcept RESONANCE_NONBLOCKING;
template void write_snapshot(const State<double>&, const Settings&, std::byte*) noexcept RESONANCE_NONBLOCKING;
template bool read_snapshot(const std::byte*, State<float>&, Settings&) noexcept RESONANCE_NONBLOCKING;
template bool read_snapshot(const std::byte*, State<double>&, Settings&) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance::detail
