#include "blocked.hpp"

#include <algorithm>
#include <cstring>

#include "../blocks/block_exchange.hpp"
#include "../blocks/block_moment.hpp"
#include "../blocks/layout.hpp"
#include "../blocks/pending.hpp"
#include "../blocks/upcoming.hpp"

namespace resonance::detail {
namespace {

constexpr std::ptrdiff_t kRows = 2 * kBlockSteps;

template <class Real>
struct Arrays {
    Real *columns, *products, *factors, *panel, *pass_scratch, *history;
    double *sums, *phases, *seen_phases, *resonance, *partial_dots;

    std::size_t carve(void* block, const State<Real>& state, int threads) noexcept {
        const std::ptrdiff_t nodes = state.n;
        const auto n = static_cast<std::size_t>(nodes), stride = static_cast<std::size_t>(row_stride<Real>(nodes));
        Carver carver(block);
        for (Real** rows : {&columns, &products, &factors}) carver.take(*rows, kRows * stride);
        carver.take(panel, static_cast<std::size_t>(panel_columns<Real>(kRows)) * n);
        carver.take(sums, static_cast<std::size_t>(panel_columns<Real>(kRows)) * n);
        carver.take(pass_scratch, static_cast<std::size_t>(threads * detail::pass_scratch(kRows)));
        carver.take(phases, n);
        carver.take(seen_phases, n);
        carver.take(resonance, stride);
        carver.take(partial_dots, static_cast<std::size_t>(chunks_of(nodes)) * 4 * kBlockSteps);
        if (state.is_shard()) carver.take(history, n * kExchanged);
        return carver.used();
    }
};

}  // namespace

template <class Real>
Status run_blocked(State<Real>& state, const Conditions& conditions, Timeline& timeline, std::int64_t steps,
                   Scratch& scratch, const Watch<Real>& watch, std::int64_t& completed) noexcept {
    const std::ptrdiff_t n = state.n;
    Arrays<Real> arrays{};
    void* memory = scratch.reserve(arrays.carve(nullptr, state, conditions.threads));
    if (const Status status = all_can_block(state, memory); status != Status::ok) return status;
    arrays.carve(memory, state, conditions.threads);
    for (Real* rows : {arrays.columns, arrays.products, arrays.factors}) clear_padding(rows, kRows, n);

    const NodeRange nodes = all_nodes<Real>(n);
    const Powers powers(conditions.hyperparameters.decay);
    Pending<Real> pending(state, conditions, arrays.factors, kBlockSteps);
    Status status = Status::ok;
    while (steps > 0 && status == Status::ok) {
        const auto count = static_cast<std::ptrdiff_t>(std::min<std::int64_t>(kBlockSteps, steps));
        std::memcpy(arrays.phases, state.phases, static_cast<std::size_t>(n) * sizeof(double));
        look_ahead(state, conditions, timeline, 0, count, nodes, arrays.phases, arrays.columns);
        const PackedPanel<Real> panel{arrays.panel, panel_columns<Real>(2 * count), &kernels<Real>()};
        pack_panel(*panel.kernels, arrays.columns, row_stride<Real>(n), 2 * count, n, nodes, conditions.threads,
                   arrays.panel);
        if (!pending.flush(state, panel, arrays.sums, arrays.pass_scratch, watch.interrupt)) return Status::interrupted;
        sums_to_rows(arrays.sums, 2 * count, n, state.own_nodes(), conditions.threads, arrays.products);

        const Block<Real> block{count,          arrays.columns,   arrays.products,
                                arrays.factors, arrays.resonance, arrays.partial_dots,
                                arrays.history};
        std::ptrdiff_t done = 0;
        const BlockPlace<Real> place{state, conditions, timeline, pending, powers, completed, arrays.seen_phases};
        BlockWatch<Real> seen(watch, place, block);
        status = advance_amplitudes(state, conditions, powers, block, seen, done);
        if (done < count) {
            std::memcpy(arrays.phases, state.phases, static_cast<std::size_t>(n) * sizeof(double));
            look_ahead<Real>(state, conditions, timeline, 0, done, nodes, arrays.phases, nullptr);
        }
        complete_steps(state, conditions, timeline, done, arrays.phases);
        completed += done;
        steps -= done;
        if (conditions.learn) pending.append(done, powers);
        if (status == Status::ok && watch.interrupted()) status = Status::interrupted;
    }
    if (conditions.learn) pending.flush(state, {}, nullptr, arrays.pass_scratch, {});
    return status;
}

template Status run_blocked(State<float>&, const Conditions&, Timeline&, std::int64_t, Scratch&, const Watch<float>&,
                            std::int64_t&) noexcept;
template Status run_blocked(State<double>&, const Conditions&, Timeline&, std::int64_t, Scratch&, const Watch<double>&,
                            std::int64_t&) noexcept;

}  // namespace resonance::detail
