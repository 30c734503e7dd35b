#include "factored.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>

#include "../blocks/layout.hpp"
#include "../factored/factors.hpp"
#include "../kernels/kernels.hpp"
#include "../phases.hpp"
#include "../products.hpp"
#include "coupling.hpp"
#include "state_moment.hpp"

namespace resonance::detail {
namespace {

template <class Real>
class Factored {
public:
    Factored(State<Real>& state, const Conditions& conditions) noexcept
        : state_(state), conditions_(conditions), factors_(*state.factors), own_(state.own_nodes()) {}

    //! Room for the growth of a step, and what its coupling needs.
    bool prepare() noexcept {
        if (grows() && !factors_.make_room(conditions_)) return false;
        if (conditions_.hyperparameters.coupling != 0 && !state_.sums_current) {
            take_factored_products(state_, conditions_.threads);
            state_.sums_current = true;
        }
        plan();
        return true;
    }

    void plan() noexcept { planned_ = conditions_.learn ? factors_.plan_growth(conditions_) : 0; }

    //! Of a step that was begun, and is not done.
    void undo() noexcept {
        if (conditions_.learn) factors_.drop_plan();
        take_cosines(0, state_.n);
    }

    //! Phases of a step from `from` to `to`, cosines and sines, growth, and the dot products with the factors. `due`:
    //! whether somebody looks after it; then on any rank.
    template <class Input>
    void begin(const Input* input, bool per_node, std::int64_t step_count, const double* from, double* to,
               bool& due) noexcept {
        finite_ = true;
        finite_phases_ = true;
        for_spans([&](std::ptrdiff_t first, std::ptrdiff_t last) {
            begin_chunk(input, per_node, step_count, from, to, first, last);
        });
        sum_dots(due);
    }

    //! The growth of the step, when it is known that its phases are finite.
    void grow() noexcept {
        if (conditions_.learn) factors_.grow(conditions_);
        factors_.find_strengths();
    }

    //! Resonance and amplitudes.
    void finish() noexcept {
        finite_ = true;
        take_base_products();
        for_spans([&](std::ptrdiff_t first, std::ptrdiff_t last) { finish_chunk(first, last); });
        finite_ = !factors_.ranks().any(!finite_);
    }

    //! finish() and begin() of the next step, chunk by chunk. Without a base: its products need all nodes.
    template <class Input>
    void finish_and_begin(const Input* input, bool per_node, std::int64_t step_count, const double* from, double* to,
                          bool& due) noexcept {
        finite_ = true;
        finite_phases_ = true;
        for_spans([&](std::ptrdiff_t first, std::ptrdiff_t last) {
            finish_chunk(first, last);
            begin_chunk(input, per_node, step_count, from, to, first, last);
        });
        sum_dots(due);
    }

    //! Phases and amplitudes of the other ranks' nodes.
    void share() noexcept {
        if (!state_.is_shard()) return;
        const Exchange& exchange = state_.exchange;
        if (factors_.ranks().have_failed() || !exchange.gather(exchange.context, state_.amplitudes, sizeof(Real)) ||
            !exchange.gather(exchange.context, state_.phases, sizeof(double)))
            return factors_.ranks().fail();
        take_cosines(0, own_.first);
        take_cosines(own_.last, state_.n);
    }
    //! Cosines and sines of the state's phases.
    void take_cosines(std::ptrdiff_t first, std::ptrdiff_t last) noexcept {
        kernels<Real>().cosines_and_sines(state_.phases + first, last - first, state_.cosines + first,
                                          state_.sines + first);
    }

    //! The dot products of the state's cosines and sines with the factors as they are.
    void take_dots() noexcept {
        planned_ = 0;
        for_spans([&](std::ptrdiff_t first, std::ptrdiff_t last) { chunk_dots(first, last); });
        bool due = false;
        sum_dots(due);
        factors_.find_strengths();
    }
    //! The products of all, as sums of the state.
    void take_sums() noexcept {
        take_base_products();
        for_spans([&](std::ptrdiff_t first, std::ptrdiff_t last) {
            chunk_sums(first, last, state_.cosine_sums + first, state_.sine_sums + first);
        });
    }

    //! Whether another step may begin without a compression.
    bool has_room() const noexcept { return !grows() || factors_.has_room(); }
    //! Whether inputs move all phases to finite ones.
    template <class Input>
    bool moves_finitely(const Input* input, bool per_node) noexcept {
        return advance_phases(state_.phases, state_.frequencies, input, per_node, nullptr, conditions_.dt, state_.n,
                              state_.next_phases);
    }
    bool has_failed() const noexcept { return factors_.ranks().have_failed(); }
    bool has_base() const noexcept { return factors_.base() != nullptr; }
    bool finite() const noexcept { return finite_; }
    bool finite_phases() const noexcept { return finite_phases_; }

private:
    //! body(first, last) for every chunk of nodes; those of a span by one thread, and in their order.
    template <class Body>
    void for_spans(const Body& body) noexcept {
        for_row_ranges(own_.count(), factors_.span_nodes(), conditions_.threads,
                       [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                           for (std::ptrdiff_t begin = first; begin < last; begin += kNodeChunk)
                               body(own_.first + begin, own_.first + std::min(begin + kNodeChunk, last));
                       });
    }

    //! What has to be known of all nodes: the dot products, and whether all is well with them.
    void sum_dots(bool& due) noexcept {
        bool flags[] = {!finite_, !finite_phases_, due};
        factors_.sum_dots(factors_.count() + planned_, flags);
        finite_ = !flags[0];
        finite_phases_ = !flags[1];
        due = flags[2];
    }

    bool grows() const noexcept { return Factors<Real>::grows(conditions_); }

    //! The end of a chunk, with the zeros behind the last node.
    std::ptrdiff_t padded_end(std::ptrdiff_t last) const noexcept { return last == state_.n ? state_.columns : last; }

    template <class Input>
    void begin_chunk(const Input* input, bool per_node, std::int64_t step_count, const double* from, double* to,
                     std::ptrdiff_t first, std::ptrdiff_t last) noexcept {
        const Kernels<Real>& kernel = kernels<Real>();
        const std::ptrdiff_t count = last - first;
        const bool coupled = conditions_.hyperparameters.coupling != 0;
        if (conditions_.noisy())
            kernel.phase_noise(state_.noise_seed, static_cast<std::uint64_t>(step_count), first, last,
                               conditions_.noise_scale(), to + first);
        if (coupled) coupling_drive(state_, conditions_, first, last, to);
        const double* drive = conditions_.noisy() || coupled ? to + first : nullptr;
        if (!advance_phases(from + first, state_.frequencies + first, input + (per_node ? first : 0), per_node, drive,
                            conditions_.dt, count, to + first))
            finite_phases_ = false;
        state_.hold_phases(first, last, to);
        kernel.cosines_and_sines(to + first, count, state_.cosines + first, state_.sines + first);
        for (std::ptrdiff_t pair = 0; pair < planned_; ++pair) {
            Real* u = factors_.next_rows() + 2 * pair * factors_.stride() + first;
            kernel.scaled_pair(state_.amplitudes + first, state_.cosines + first, state_.sines + first, count, u,
                               u + factors_.stride());
        }
        chunk_dots(first, last);
    }

    //! Into the span's sums: the first chunk's as they are, others on top.
    void chunk_dots(std::ptrdiff_t first, std::ptrdiff_t last) noexcept {
        const std::ptrdiff_t pairs = factors_.count() + planned_, place = first - own_.first;
        double* sums = factors_.span_dots(place / factors_.span_nodes());
        const bool begins = place % factors_.span_nodes() == 0;
        double* dots = begins ? sums : sums + 4 * pairs;
        kernels<Real>().pair_dots(state_.cosines + first, state_.sines + first, factors_.rows() + first,
                                  factors_.stride(), pairs, padded_end(last) - first, dots);
        for (std::ptrdiff_t k = 0; k < 4 * pairs && !begins; ++k) sums[k] += dots[k];
    }

    void take_base_products() noexcept {
        if (!has_base()) return;
        const Kernels<Real>& kernel = kernels<Real>();
        // Of the other ranks' nodes, cosines and sines as well.
        if (state_.is_shard()) gather_cosines();
        for_row_ranges(own_.count(), kernel.row_granule, conditions_.threads,
                       [&](std::ptrdiff_t first, std::ptrdiff_t last) {
                           kernel.resonance(factors_.base(), {first, last, state_.columns, factors_.base_stride()},
                                            products_of_rows(state_));
                       });
    }

    void gather_cosines() noexcept {
        for (Real* row : {state_.cosines, state_.sines})
            if (!has_failed() && !state_.exchange.gather(state_.exchange.context, row, sizeof(Real)))
                factors_.ranks().fail();
    }

    FactorProducts<Real> share_of(std::ptrdiff_t first) const noexcept {
        return {factors_.rows() + first, factors_.stride(), 2 * factors_.count(), factors_.strengths()};
    }

    //! W c and W s of a chunk.
    void chunk_sums(std::ptrdiff_t first, std::ptrdiff_t last, double* cosine_sums, double* sine_sums) noexcept {
        alignas(kVectorAlignment) Real sums[2 * kNodeChunk];
        kernels<Real>().factor_products(share_of(first), padded_end(last) - first, sums, sums + kNodeChunk);
        const double base_factor = factors_.base_factor();
        for (std::ptrdiff_t i = 0; i < last - first; ++i) {
            const auto x = static_cast<double>(sums[i]), y = static_cast<double>(sums[kNodeChunk + i]);
            cosine_sums[i] = has_base() ? base_factor * state_.cosine_sums[first + i] + x : x;
            sine_sums[i] = has_base() ? base_factor * state_.sine_sums[first + i] + y : y;
        }
    }

    void finish_chunk(std::ptrdiff_t first, std::ptrdiff_t last) noexcept {
        const Kernels<Real>& kernel = kernels<Real>();
        const Hyperparameters& h = conditions_.hyperparameters;
        const std::ptrdiff_t count = last - first;
        double resonance[kNodeChunk];
        bool finite = true;
        if (h.coupling == 0 && !has_base()) {
            finite = kernel.factor_resonance(share_of(first), state_.cosines + first, state_.sines + first,
                                             padded_end(last) - first, resonance);
        } else {
            double* sums[] = {state_.cosine_sums + first, state_.sine_sums + first};  // for the coupling to come
            chunk_sums(first, last, sums[0], sums[1]);
            finite = kernel.combine({state_.cosines + first, state_.sines + first, sums[0], sums[1]}, count, resonance);
        }
        if (!finite) finite_ = false;
        kernel.activate(resonance, count, h.gain, h.amplitude_floor, state_.amplitudes + first);
        state_.hold_amplitudes(first, last);
    }

    State<Real>& state_;
    const Conditions& conditions_;
    Factors<Real>& factors_;
    NodeRange own_;
    std::ptrdiff_t planned_ = 0;
    std::atomic<bool> finite_{true}, finite_phases_{true};
};

template <class Real>
void complete_step(State<Real>& state, const Conditions& conditions) noexcept {
    state.step_count += 1;
    state.time += conditions.dt;
    state.sums_current = conditions.hyperparameters.coupling != 0;
}

template <class Real>
void take_phases(State<Real>& state, const double* phases) noexcept {
    if (phases != state.phases) std::memcpy(state.phases, phases, static_cast<std::size_t>(state.n) * sizeof(double));
}

}  // namespace

template <class Real, class Input>
Status step_factored(State<Real>& state, const Conditions& conditions, const Input* input,
                     bool per_node) noexcept RESONANCE_NONBLOCKING {
    Factored<Real> step(state, conditions);
    // A compression changes weights, if by little: it must not come before an input that is refused.
    if (!step.has_room() && !step.moves_finitely(input, per_node)) return Status::phase_overflow;
    if (!step.prepare()) return step.has_failed() ? Status::exchange_failed : Status::rank_exceeded;
    bool due = false;
    step.begin(input, per_node, state.step_count, state.phases, state.next_phases, due);
    if (!step.finite_phases() || step.has_failed()) {
        step.undo();
        return step.has_failed() ? Status::exchange_failed : Status::phase_overflow;
    }
    take_phases(state, state.next_phases);
    step.grow();
    step.finish();
    step.share();
    if (step.has_failed()) return Status::exchange_failed;
    complete_step(state, conditions);
    return step.finite() ? Status::ok : Status::diverged;
}

template <class Real>
Status run_factored(State<Real>& state, const Conditions& conditions, Timeline& timeline, const Watch<Real>& watch,
                    std::int64_t& completed) noexcept {
    Factored<Real> step(state, conditions);
    // Phases go to and fro between two places, so that those before a step are there until all of it is known.
    double *now = state.phases, *next = state.next_phases;
    Status status = Status::ok;
    bool begun = false;  // the next step, up to its dot products
    bool due = false;    // somebody looks after it
    while (timeline.left() > 0 && status == Status::ok) {
        if (!begun) {
            if (!step.prepare()) {
                status = Status::rank_exceeded;
                break;
            }
            due = watch.is_due(completed + 1);
            step.begin(timeline.input(), timeline.per_node(), state.step_count, now, next, due);
            if (!step.finite_phases()) {
                status = Status::phase_overflow;
                break;
            }
        }
        std::swap(now, next);
        step.grow();
        timeline.advance(1);
        ++completed;
        const bool stop = watch.interrupted();
        begun = !due && !stop && timeline.left() > 0 && !step.has_base() && step.has_room();
        if (begun) {
            step.plan();
            due = watch.is_due(completed + 1);
            step.finish_and_begin(timeline.input(), timeline.per_node(), state.step_count + 1, now, next, due);
        } else {
            step.finish();
        }
        complete_step(state, conditions);
        if (step.has_failed()) {
            status = Status::exchange_failed;
        } else if (!step.finite()) {
            status = Status::diverged;
        } else if (begun && !step.finite_phases()) {
            status = Status::phase_overflow;
        } else if (!begun && due) {
            take_phases(state, now);
            now = state.phases;
            next = state.next_phases;
            step.share();
            StateMoment<Real> moment(state, conditions, completed);
            // Another rank's observer may be the one that looks.
            if (watch.is_due(completed) && !watch.observer->observe(moment)) status = Status::interrupted;
        }
        if (status == Status::ok && stop) status = Status::interrupted;
    }
    take_phases(state, now);
    // A step that was begun and not done has left its own.
    if (begun || status == Status::phase_overflow) step.undo();
    step.share();
    return step.has_failed() ? Status::exchange_failed : status;
}

template <class Real>
void take_factored_products(State<Real>& state, int threads) noexcept RESONANCE_NONBLOCKING {
    const Hyperparameters as_they_are;
    const Conditions conditions{as_they_are, 1, false, threads, 1};
    Factored<Real> products(state, conditions);
    products.take_dots();
    products.take_sums();
}

template Status step_factored(State<float>&, const Conditions&, const float*, bool) noexcept RESONANCE_NONBLOCKING;
template Status step_factored(State<float>&, const Conditions&, const double*, bool) noexcept RESONANCE_NONBLOCKING;
template Status step_factored(State<double>&, const Conditions&, const float*, bool) noexcept RESONANCE_NONBLOCKING;
template Status step_factored(State<double>&, const Conditions&, const double*, bool) noexcept RESONANCE_NONBLOCKING;
template Status run_factored(State<float>&, const Conditions&, Timeline&, const Watch<float>&, std::int64_t&) noexcept;
template Status run_factored(State<double>&, const Conditions&, Timeline&, const Watch<double>&,
                             std::int64_t&) noexcept;
template void take_factored_products(State<float>&, int) noexcept RESONANCE_NONBLOCKING;
template void take_factored_products(State<double>&, int) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance::detail
