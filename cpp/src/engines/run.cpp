#include "run.hpp"

#include <algorithm>
#include <cmath>

#include "blocked.hpp"
#include "compressed.hpp"
#include "factored.hpp"
#include "fused.hpp"
#include "resonance/isa.hpp"
#include "sparse.hpp"
#include "state_moment.hpp"

namespace resonance::detail {
namespace {

// Thresholds, measured on one thread of a processor with AVX-512, and with its other instruction sets forced. Where two
// threads differ they do by little.

constexpr std::int64_t kShortestBlock = 4;       // steps
constexpr std::ptrdiff_t kCompressedFrom = 512;  // nodes
constexpr double kLeastTolerance = 1.0 / 16;     // of the default: with less, nothing is cut off
//! Steps that go by blocks before another look whether the inputs have become smooth; twice as many each time.
constexpr std::int64_t kFirstRetreat = 256;

//! Numbers far beyond the model's. There the fused engine finds the very step at which something overflows; others
//! square them earlier.
constexpr double kExtraordinary = 1e6;

//! Nodes from which blocks are faster than single steps. Both do the same arithmetic: blocks spare memory, and where
//! the weights are in the caches, what the fused step waits for there. That is the more, the wider the registers; with
//! narrow ones only weights that are in no cache are worth it.
template <class Real>
std::ptrdiff_t blocked_from() noexcept {
    constexpr bool single = sizeof(Real) == sizeof(float);
    switch (isa()) {
        case Isa::avx512: return single ? 96 : 224;
        case Isa::avx2:
        case Isa::neon: return single ? 1792 : 1280;  // NEON by analogy
        case Isa::baseline: return single ? 96 : 1280;
    }
    return 1280;
}

template <class Real>
bool is_ordinary(const State<Real>& state, const Conditions& conditions) noexcept {
    const auto ordinary = [](Real x) { return std::abs(x) < static_cast<Real>(kExtraordinary); };
    return std::abs(conditions.hyperparameters.learning_rate) < kExtraordinary &&
           std::all_of(state.amplitudes, state.amplitudes + state.n, ordinary);
}

}  // namespace

template <class Real>
Status run(State<Real>& state, const Conditions& conditions, Timeline& timeline, Scratch& scratch,
           const Watch<Real>& watch, std::int64_t& completed) noexcept {
    if (watch.is_due(completed)) {
        StateMoment<Real> moment(state, conditions, completed);
        if (!watch.observer->observe(moment)) return Status::interrupted;
    }
    if (state.storage == WeightStorage::factored) return run_factored(state, conditions, timeline, watch, completed);
    if (state.storage == WeightStorage::sparse) return run_sparse(state, conditions, timeline, watch, completed);
    const bool together = conditions.hyperparameters.coupling == 0 && timeline.steps() >= kShortestBlock &&
                          is_ordinary(state, conditions);
    const bool may_block = together && state.n >= blocked_from<Real>();
    const bool may_compress = together && state.n >= kCompressedFrom &&
                              conditions.tolerance >= kLeastTolerance * Network<Real>::default_tolerance;
    std::int64_t retreat = kFirstRetreat;
    bool has_scratch = true;
    while (timeline.left() > 0) {
        Status status = Status::ok;
        if (may_compress && has_scratch) {
            status = run_compressed(state, conditions, timeline, scratch, watch, completed);
            if (status == Status::out_of_memory)
                has_scratch = false;
            else if (status != Status::ok || timeline.left() == 0)
                return status;
        }
        const std::int64_t steps = may_compress ? std::min(retreat, timeline.left()) : timeline.left();
        if (may_block && has_scratch) {
            status = run_blocked(state, conditions, timeline, steps, scratch, watch, completed);
            if (status == Status::out_of_memory) has_scratch = false;
        }
        if (!may_block || !has_scratch) status = run_fused(state, conditions, timeline, steps, watch, completed);
        if (status != Status::ok) return status;
        retreat *= 2;
    }
    return Status::ok;
}

template Status run(State<float>&, const Conditions&, Timeline&, Scratch&, const Watch<float>&, std::int64_t&) noexcept;
template Status run(State<double>&, const Conditions&, Timeline&, Scratch&, const Watch<double>&,
                    std::int64_t&) noexcept;

}  // namespace resonance::detail
