#include "run.hpp"

#include <algorithm>
#include <cmath>

#include "blocked.hpp"
#include "compressed.hpp"
#include "fused.hpp"

namespace resonance::detail {
namespace {

constexpr std::ptrdiff_t kBlockedFrom = 96;      // nodes
constexpr std::int64_t kShortestBlock = 4;       // steps
constexpr std::ptrdiff_t kCompressedFrom = 512;  // nodes
constexpr double kLeastTolerance = 1.0 / 16;     // of the default: with less, nothing is cut off
//! Steps that go by blocks before another look whether the inputs have become smooth; twice as many each time.
constexpr std::int64_t kFirstRetreat = 256;

//! Numbers far beyond the model's. There the fused engine finds the very step at which something overflows; others
//! square them earlier.
constexpr double kExtraordinary = 1e6;

template <class Real>
bool is_ordinary(const State<Real>& state, const Conditions& conditions) noexcept {
    const auto ordinary = [](Real x) { return std::abs(x) < static_cast<Real>(kExtraordinary); };
    return std::abs(conditions.hyperparameters.learning_rate) < kExtraordinary &&
           std::all_of(state.amplitudes, state.amplitudes + state.n, ordinary);
}

}  // namespace

template <class Real>
Status run(State<Real>& state, const Conditions& conditions, const Inputs& inputs, Scratch& scratch,
           Interrupt interrupt, std::int64_t& completed) noexcept {
    Timeline timeline(inputs, state.n);
    completed = 0;
    const bool fused_only = conditions.hyperparameters.coupling != 0 || state.n < kBlockedFrom ||
                            timeline.steps() < kShortestBlock || !is_ordinary(state, conditions);
    const bool may_compress =
        state.n >= kCompressedFrom && conditions.tolerance >= kLeastTolerance * Network<Real>::default_tolerance;
    std::int64_t retreat = kFirstRetreat;
    while (!fused_only && timeline.left() > 0) {
        if (may_compress) {
            const Status status = run_compressed(state, conditions, timeline, scratch, interrupt, completed);
            if (status == Status::out_of_memory) break;
            if (status != Status::ok) return status;
        }
        const std::int64_t steps = may_compress ? std::min(retreat, timeline.left()) : timeline.left();
        const Status status = run_blocked(state, conditions, timeline, steps, scratch, interrupt, completed);
        if (status == Status::out_of_memory) break;
        if (status != Status::ok) return status;
        retreat *= 2;
    }
    return run_fused(state, conditions, timeline, timeline.left(), interrupt, completed);
}

template Status run(State<float>&, const Conditions&, const Inputs&, Scratch&, Interrupt, std::int64_t&) noexcept;
template Status run(State<double>&, const Conditions&, const Inputs&, Scratch&, Interrupt, std::int64_t&) noexcept;

}  // namespace resonance::detail
