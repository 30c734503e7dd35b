#include "compressed.hpp"

#include <algorithm>
#include <cmath>

#include "../all_ranks.hpp"
#include "../blocks/block_exchange.hpp"
#include "../blocks/block_moment.hpp"
#include "../blocks/chebyshev.hpp"
#include "../blocks/compression.hpp"
#include "../blocks/layout.hpp"
#include "../blocks/panel_dots.hpp"
#include "../blocks/pending.hpp"
#include "../blocks/recursion.hpp"
#include "../blocks/skeleton.hpp"
#include "../blocks/upcoming.hpp"

namespace resonance::detail {
namespace {

//! Steps between two times that Z is brought up to date: fewer make the recursion cheaper, more the updates.
constexpr std::ptrdiff_t kSubBlock = 16;
static_assert(kSubBlock <= kBlockSteps);
//! Rows of input that are held for so many steps go by Chebyshev points, others, and phases with noise, by skeletons.
constexpr std::int64_t kHeldFrom = 48;
constexpr std::int64_t kShortestSkeleton = 48;
//! The part of the tolerance that compressions may use: amplitudes sum over all weights, and feel their errors more.
constexpr double kCompressionShare = 1.0 / 16;
//! Pairs that are compressed before they go into the weights.
constexpr std::ptrdiff_t kWorthCompressing = 32;

//! Pairs that may wait, and that a compression may leave. More of them are better, up to some 250; but where the
//! weights are large, all that the engine needs should stay below a tenth of them.
struct Room {
    Room(std::ptrdiff_t n, bool skeletons) noexcept
        : pairs(n < 8000 ? 176 : std::clamp<std::ptrdiff_t>(n / 64, 128, 256) - (skeletons ? 32 : 0)),
          left(pairs * 5 / 8 / 8 * 8),
          skeleton_steps(n < 8000 ? kSkeletonSteps : kSkeletonSteps / 2) {}
    std::ptrdiff_t pairs, left, skeleton_steps;
};

template <class Real>
class Compressed {
public:
    Compressed(State<Real>& state, const Conditions& conditions, Timeline& timeline, const Watch<Real>& watch) noexcept
        : state_(state),
          conditions_(conditions),
          timeline_(timeline),
          watch_(watch),
          powers_(conditions.hyperparameters.decay),
          n_(state.n),
          stride_(row_stride<Real>(state.n)),
          own_(state.own_nodes()),
          skeletons_(timeline.hold() < kHeldFrom || conditions.noisy()),
          room_(state.n, skeletons_) {}

    std::size_t carve(void* block) noexcept {
        const std::size_t n = size(n_), stride = size(stride_);
        Carver carver(block);
        carver.take(factors_, size(2 * room_.pairs) * stride);
        carver.take(products_, kMostColumns * stride);
        carver.take(panel_.values, kMostColumns * n);
        carver.take(panel_.coefficients, size(2 * kMostSteps * kMostColumns));
        carver.take(strengths_, size(2 * room_.pairs * kMostColumns));
        carver.take(dots_, size(2 * room_.pairs * kMostColumns));
        carver.take(partial_dots_, PanelDots<Real>::size(own_.count()));
        carver.take(step_dots_, size(chunks_of(own_.count()) * 4 * kBlockSteps));
        carver.take(phases_, 2 * n);
        carver.take(resonance_, stride);
        carver.take(pass_scratch_, size(conditions_.threads * pass_scratch(2 * room_.pairs)));
        if (skeletons_) {
            carver.take(skeleton_columns_, size(2 * room_.skeleton_steps) * stride);
            carver.take(sketch_, size(kSketchSize));
        }
        unsigned char* rest = nullptr;
        const typename Compression<Real>::Task task{own_,      0, stride_, room_.pairs, room_.left, state_.exchange,
                                                    kSpareRows};
        carver.take(rest, compression_.carve(nullptr, task));
        if (block == nullptr) return carver.used();
        compression_.carve(rest, task);
        // What lives between two compressions shares the room that they need.
        sums_ = reinterpret_cast<double*>(compression_.spare_rows());
        block_columns_ = compression_.spare_rows();
        block_products_ = block_columns_ + 2 * kSubBlock * stride_;
        return carver.used();
    }

    Status run(std::int64_t& completed) noexcept {
        clear_padding(factors_, 2 * room_.pairs, n_);
        clear_padding(products_, kMostColumns, n_);
        if (skeletons_) clear_padding(skeleton_columns_, 2 * room_.skeleton_steps, n_);
        Pending<Real> pending(state_, conditions_, factors_, room_.pairs);
        Status status = Status::ok;
        while (timeline_.left() > 0 && status == Status::ok) {
            if (!fill_panel(pending)) break;
            if (!begin_panel(pending)) status = Status::interrupted;
            if (ranks().have_failed()) break;
            for (std::ptrdiff_t begin = 0; begin < panel_.steps && status == Status::ok; begin += kSubBlock)
                status = advance(pending, begin, std::min(kSubBlock, panel_.steps - begin), completed);
        }
        if (ranks().have_failed() || status == Status::exchange_failed) return Status::exchange_failed;
        if (conditions_.learn) {
            if (pending.count() > kWorthCompressing) compress(pending);
            flush(pending);
        }
        if (state_.is_shard() && !state_.exchange.gather(state_.exchange.context, state_.amplitudes, sizeof(Real)))
            return Status::exchange_failed;
        return ranks().have_failed() ? Status::exchange_failed : status;
    }

private:
    //! Rows that other things need of the room that compressions work in.
    static constexpr std::ptrdiff_t kSpareRows =
        std::max<std::ptrdiff_t>(4 * kSubBlock, kMostColumns * sizeof(double) / sizeof(Real));

    static std::size_t size(std::ptrdiff_t count) noexcept { return static_cast<std::size_t>(count); }

    AllRanks& ranks() noexcept { return compression_.ranks(); }

    //! What the next panel is to be made of; false where neither way has few columns.
    bool fill_panel(const Pending<Real>& pending) noexcept {
        base_counts_ = does_base_count(pending);
        if (!skeletons_) {
            const double passes = base_counts_ ? static_cast<double>(n_) / 6 : static_cast<double>(pending.count()) / 3;
            const ChebyshevPlan plan = plan_chebyshev(state_, conditions_, timeline_, passes);
            if (plan.steps == 0) return false;
            // Products with weights need the columns of all nodes.
            fill_chebyshev(state_, conditions_, timeline_, plan, base_counts_ ? all_nodes<Real>(n_) : own_, phases_,
                           panel_);
            return true;
        }
        if (timeline_.left() < kShortestSkeleton) return false;
        const auto steps = static_cast<std::ptrdiff_t>(std::min<std::int64_t>(room_.skeleton_steps, timeline_.left()));
        const SkeletonScratch<Real> scratch{skeleton_columns_, products_,    compression_.spare_rows(),
                                            phases_,           phases_ + n_, sketch_};
        return fill_skeleton(state_, conditions_, timeline_, steps, base_counts_, scratch, ranks(), panel_);
    }

    //! A lower bound of max |W|: the largest weight of the node that has grown most.
    double largest_weight(const Pending<Real>& pending) noexcept {
        const std::ptrdiff_t node = compression_.find_diagonal(pending.pairs(), conditions_.threads);
        double largest = pending.largest_weight(state_, node, compression_.spare_row());
        ranks().take_largest(&largest, 1);
        return largest;
    }

    //! Whether base_factor B still adds anything to products, beside what has grown since.
    bool does_base_count(const Pending<Real>& pending) noexcept {
        const double least = conditions_.tolerance / 4 * largest_weight(pending);
        // A few rows mostly tell.
        if (ranks().any(pending.base_factor() * row_sum_norm(state_, 8, 1) > least)) return true;
        if (base_norm_ < 0) {
            base_norm_ = row_sum_norm(state_, n_, conditions_.threads);
            ranks().take_largest(&base_norm_, 1);
        }
        return pending.base_factor() * base_norm_ > least;
    }

    //! Z = W A. False if interrupted.
    bool begin_panel(const Pending<Real>& pending) noexcept {
        if (base_counts_) {
            if (!take_products(state_, panel_.packed(), sums_, conditions_.threads, watch_.interrupt)) return false;
            sums_to_rows(sums_, panel_.columns, n_, own_, conditions_.threads, products_);
        }
        const auto keep = static_cast<Real>(base_counts_ ? pending.base_factor() : 0);
        add_pairs(pending, 0, pending.count(), keep);
        return true;
    }

    //! Z <- keep Z + what some pairs have to add.
    void add_pairs(const Pending<Real>& pending, std::ptrdiff_t first, std::ptrdiff_t pairs, Real keep) noexcept {
        const PanelDots<Real> dots{n_, own_, conditions_.threads, partial_dots_};
        const Real* rows = pending.rows() + 2 * first * stride_;
        dots.take(rows, 2 * pairs, panel_, ranks(), dots_);
        pending.strengths(first, pairs, dots_, panel_.columns, strengths_);
        for_node_chunks(own_, conditions_.threads, [&](std::ptrdiff_t begin, std::ptrdiff_t, std::ptrdiff_t end) {
            kernels<Real>().multiply({products_ + begin, stride_, keep, strengths_, 2 * pairs, 1, rows + begin, stride_,
                                      panel_.columns, 2 * pairs, end - begin});
        });
    }

    //! Some steps of the panel.
    Status advance(Pending<Real>& pending, std::ptrdiff_t begin, std::ptrdiff_t steps,
                   std::int64_t& completed) noexcept {
        if (conditions_.learn && pending.room() < steps) make_room(pending);
        if (ranks().have_failed()) return Status::exchange_failed;

        clear_padding(block_columns_, 2 * kSubBlock, n_);
        std::copy_n(state_.phases, n_, phases_);
        const bool known = panel_.known != nullptr;
        look_ahead(state_, conditions_, timeline_, 0, steps, own_, phases_, known ? nullptr : block_columns_);
        for (const NodeRange& others : {NodeRange{0, own_.first, own_.first}, NodeRange{own_.last, n_, n_}})
            look_ahead<Real>(state_, conditions_, timeline_, 0, steps, others, phases_, nullptr);
        for_node_chunks(own_, conditions_.threads, [&](std::ptrdiff_t first, std::ptrdiff_t, std::ptrdiff_t end) {
            kernels<Real>().multiply({block_products_ + first, stride_, 0,
                                      panel_.coefficients + 2 * begin * panel_.columns, panel_.columns, 1,
                                      products_ + first, stride_, 2 * steps, panel_.columns, end - first});
        });

        const Block<Real> block{steps,           known ? panel_.known + 2 * begin * stride_ : block_columns_,
                                block_products_, pending.next_rows(),
                                resonance_,      step_dots_};
        std::ptrdiff_t done = 0;
        const BlockPlace<Real> place{state_, conditions_, timeline_, pending, powers_, completed, phases_ + n_};
        BlockWatch<Real> seen(watch_, place, block);
        Status status = advance_amplitudes(state_, conditions_, powers_, block, seen, done);
        if (done < steps) {
            std::copy_n(state_.phases, n_, phases_);
            look_ahead<Real>(state_, conditions_, timeline_, 0, done, all_nodes<Real>(n_), phases_, nullptr);
        }
        complete_steps(state_, conditions_, timeline_, done, phases_);
        completed += done;
        if (conditions_.learn) {
            const std::ptrdiff_t before = pending.count();
            pending.append(done, powers_);
            since_compression_ += done;
            if (begin + steps < panel_.steps && status == Status::ok)
                add_pairs(pending, before, pending.count() - before, static_cast<Real>(powers_.of[done]));
        }
        if (status == Status::ok && watch_.interrupted()) status = Status::interrupted;
        return status;
    }

    //! Fewer pairs, or none.
    void make_room(Pending<Real>& pending) noexcept {
        if (!compress(pending) || pending.count() > room_.left - Compression<Real>::kBatch) flush(pending);
    }

    //! False where the pairs are too many and have to go into the weights as they are.
    bool compress(Pending<Real>& pending) noexcept {
        if (attempts_to_skip_ > 0) {
            --attempts_to_skip_;
            return false;
        }
        // A compression's error fades with the weights. Its share of the tolerance is what fades until the next one,
        // or, where little does, its part of the run.
        const double decay = conditions_.hyperparameters.decay;
        const double fading = 1 - std::pow(decay, static_cast<double>(since_compression_));
        const double part = static_cast<double>(since_compression_) / static_cast<double>(timeline_.steps());
        const double share = kCompressionShare * std::max(fading, part);
        since_compression_ = 0;
        const double largest = largest_weight(pending);
        if (compression_.compress(pending.pairs(), conditions_.tolerance * share * largest, true,
                                  conditions_.threads)) {
            pending.replace(compression_.count());
            attempts_after_failure_ = 1;
            return true;
        }
        attempts_to_skip_ = attempts_after_failure_;
        attempts_after_failure_ = std::min(2 * attempts_after_failure_, 64);
        return false;
    }

    void flush(Pending<Real>& pending) noexcept {
        if (state_.is_shard() && !pending.gather(state_)) ranks().fail();
        pending.flush(state_, {}, nullptr, pass_scratch_, {});
        base_norm_ = -1;
        since_compression_ = 0;
    }

    State<Real>& state_;
    const Conditions& conditions_;
    Timeline& timeline_;
    const Watch<Real>& watch_;
    Powers powers_;
    std::ptrdiff_t n_, stride_;
    NodeRange own_;
    bool skeletons_;
    Room room_;

    Real *factors_ = nullptr, *products_ = nullptr, *block_columns_ = nullptr, *block_products_ = nullptr,
         *strengths_ = nullptr, *pass_scratch_ = nullptr, *skeleton_columns_ = nullptr, *partial_dots_ = nullptr;
    double *dots_ = nullptr, *step_dots_ = nullptr, *phases_ = nullptr, *resonance_ = nullptr, *sums_ = nullptr,
           *sketch_ = nullptr;
    Panel<Real> panel_;
    Compression<Real> compression_;

    bool base_counts_ = true;
    double base_norm_ = -1;  // unknown
    std::int64_t since_compression_ = 0;
    int attempts_to_skip_ = 0, attempts_after_failure_ = 1;
};

}  // namespace

template <class Real>
Status run_compressed(State<Real>& state, const Conditions& conditions, Timeline& timeline, Scratch& scratch,
                      const Watch<Real>& watch, std::int64_t& completed) noexcept {
    Compressed<Real> engine(state, conditions, timeline, watch);
    void* memory = scratch.reserve(engine.carve(nullptr));
    if (const Status status = all_can_block(state, memory); status != Status::ok) return status;
    engine.carve(memory);
    return engine.run(completed);
}

template Status run_compressed(State<float>&, const Conditions&, Timeline&, Scratch&, const Watch<float>&,
                               std::int64_t&) noexcept;
template Status run_compressed(State<double>&, const Conditions&, Timeline&, Scratch&, const Watch<double>&,
                               std::int64_t&) noexcept;

}  // namespace resonance::detail
