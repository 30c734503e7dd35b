#include "factors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include "../blocks/layout.hpp"
#include "../kernels/kernels.hpp"
#include "../memory.hpp"

namespace resonance::detail {
namespace {

//! Directions that get a group of their own. Any further one is made of the four along the axes.
constexpr std::ptrdiff_t kOwnDirections = 4;
//! Of the room that the tolerance leaves, what a compression may spend at least, where weights don't decay.
constexpr double kLeastShare = 1.0 / 16;
//! Units in the last place that the sums over pairs are off by at most, and dense weights beside them.
constexpr double kRounding = 64;
//! How many times a cut counts in the error bound. Amplitudes sum over all weights, and what a cut changes in them
//! grows into the weights of the steps to come: some 20 times the cut where amplitudes are free and still moving, and
//! 100 times where the learning rate changes its sign as well, measured against dense weights, whose runs cut off as
//! much.
constexpr double kFeedback = 128;

constexpr std::size_t size(std::ptrdiff_t count) { return static_cast<std::size_t>(count); }

//! To within the rounding of a direction.
bool same(const FactorCore& a, const FactorCore& b) { return std::abs(a.uu - b.uu) + std::abs(a.vu - b.vu) < 1e-15; }

//! Whether it can be the core of growth. On the axes exactly: there are four of these, and room for them.
bool is_rotation(const FactorCore& core) {
    if (core.uu != core.vv || core.uv != -core.vu) return false;
    if (core.uu == 0 || core.uv == 0) return std::abs(core.uu) + std::abs(core.uv) == 1;
    return std::abs(std::hypot(core.uu, core.uv) - 1) < 1e-12;
}

//! The core of growth in the direction of exp(-i lag) = along - i across.
FactorCore rotation(double along, double across) { return {along, -across, across, along}; }

}  // namespace

template <class Real>
Factors<Real>::Factors(std::ptrdiff_t n, const Shard& shard, std::ptrdiff_t most_pairs) noexcept
    : n_(n),
      nodes_{shard.first, shard.last, shard.last},
      exchange_(shard.exchange),
      stride_(row_stride<Real>(shard.last - shard.first)),
      most_pairs_(most_pairs),
      capacity_(most_pairs + std::max(kLeastRoom, most_pairs / 4)) {
    if (nodes_.last == n) nodes_.end = nodes_.first + stride_;
}

template <class Real>
std::size_t Factors<Real>::carve(void* block) noexcept {
    Carver carver(block);
    carver.take(rows_, size(2 * capacity_ * stride_));
    carver.take(pair_weights_, size(capacity_));
    carver.take(pair_groups_, size(capacity_));
    carver.take(partial_dots_, size((nodes_.count() + span_nodes() - 1) / span_nodes() * 8 * capacity_));
    carver.take(dots_, size(4 * capacity_ + kFlags));
    carver.take(strengths_, size(4 * capacity_));
    carver.take(node_values_, size(2 * capacity_));
    carver.take(row_strengths_, size(2 * capacity_));
    unsigned char* rest = nullptr;
    const typename Compression<Real, double>::Task task{nodes_,    nodes_.first, stride_,
                                                        capacity_, most_pairs_,  exchange_};
    carver.take(rest, compression_.carve(nullptr, task));
    if (block == nullptr) return carver.used();
    compression_.carve(rest, task);
    rows_ -= nodes_.first;
    return carver.used();
}

template <class Real>
std::size_t Factors<Real>::bytes(std::ptrdiff_t nodes, std::ptrdiff_t most_pairs) noexcept {
    return Factors(nodes, Shard{0, nodes, {}}, most_pairs).carve(nullptr);
}

template <class Real>
Factors<Real>* Factors<Real>::make(std::ptrdiff_t n, const Shard& shard, std::ptrdiff_t most_pairs) noexcept {
    void* place = allocate(sizeof(Factors));
    if (place == nullptr) return nullptr;
    auto* made = ::new (place) Factors(n, shard, most_pairs);
    made->memory_ = allocate(made->carve(nullptr));
    if (made->memory_ == nullptr) {
        destroy(made);
        return nullptr;
    }
    made->carve(made->memory_);
    // What the first steps need anyway: the system's first touch costs as much as several passes.
    const std::ptrdiff_t first_pairs = std::min(2 * kLeastRoom, made->capacity_);
    std::fill_n(made->pair_rows(0), 2 * first_pairs * made->stride_, Real(0));
    std::fill_n(made->compression_.spare_rows(), std::min(first_pairs, 2 * most_pairs) * made->stride_, Real(0));
    made->full_at_ = std::min(2 * kLeastRoom, made->capacity_);
    return made;
}

template <class Real>
void Factors<Real>::destroy(Factors* factors) noexcept {
    if (factors == nullptr) return;
    factors->~Factors();
    release(factors);
}

template <class Real>
Factors<Real>::~Factors() {
    release(memory_);
    release(base_);
}

// ---------------------------------------------------------------------------------------------------- a step

template <class Real>
std::ptrdiff_t Factors<Real>::span_nodes() const noexcept RESONANCE_NONBLOCKING {
    return nodes_.count() < 65536 ? kNodeChunk : 16 * kNodeChunk;
}

template <class Real>
bool Factors<Real>::make_room(const Conditions& conditions) noexcept RESONANCE_NONBLOCKING {
    if (has_room()) return true;
    if (compress(conditions)) {
        largest_ = std::max(largest_, count_);
        full_at_ = std::min(capacity_, count_ + std::max(kLeastRoom, count_ / 2));
    } else {
        full_at_ = std::min(capacity_, count_ + kLeastRoom);
    }
    return has_room();
}

//! The group of that core, which is added where there is room for one more and `add` says so; -1 elsewhere.
template <class Real>
std::ptrdiff_t Factors<Real>::group_of(const FactorCore& core, bool add) noexcept RESONANCE_NONBLOCKING {
    for (std::ptrdiff_t group = 0; group < group_count_; ++group)
        if (groups_[group].compressible && same(groups_[group].core, core)) return group;
    if (!add) return -1;
    groups_[group_count_] = FactorGroup{core, true, 0};
    return group_count_++;
}

template <class Real>
std::ptrdiff_t Factors<Real>::plan_growth(const Conditions& conditions) noexcept RESONANCE_NONBLOCKING {
    const Hyperparameters& h = conditions.hyperparameters;
    const double strength = std::abs(h.learning_rate) * h.decay, sign = h.learning_rate < 0 ? -1 : 1;
    planned_count_ = 0;
    if (strength == 0) return 0;
    const double along = sign * std::cos(h.learning_lag), across = sign * std::sin(h.learning_lag);
    const auto plan = [&](std::ptrdiff_t group, double share) {
        planned_[planned_count_++] = {static_cast<std::uint8_t>(group), share};
    };
    std::ptrdiff_t own = 0;
    for (std::ptrdiff_t group = 0; group < group_count_; ++group) {
        const FactorCore& core = groups_[group].core;
        own += groups_[group].compressible && core.uu != 0 && core.uv != 0 ? 1 : 0;
    }
    const std::ptrdiff_t group = group_of(rotation(along, across), across == 0 || own < kOwnDirections);
    if (group >= 0) {
        plan(group, strength);
    } else {
        plan(group_of(rotation(along < 0 ? -1 : 1, 0), true), strength * std::abs(along));
        plan(group_of(rotation(0, across < 0 ? -1 : 1), true), strength * std::abs(across));
    }
    clear_next(planned_count_);
    return planned_count_;
}

//! Zeros behind the last of all nodes, in the rows of some pairs.
template <class Real>
void Factors<Real>::clear_padding(std::ptrdiff_t first, std::ptrdiff_t count) noexcept RESONANCE_NONBLOCKING {
    for (std::ptrdiff_t row = 2 * first; row < 2 * (first + count); ++row)
        std::fill(rows_ + row * stride_ + nodes_.last, rows_ + row * stride_ + nodes_.end, Real(0));
}

template <class Real>
void Factors<Real>::grow(const Conditions& conditions) noexcept RESONANCE_NONBLOCKING {
    decay(conditions.hyperparameters.decay);
    for (std::ptrdiff_t k = 0; k < planned_count_; ++k, ++count_) {
        pair_weights_[count_] = planned_[k].share;
        pair_groups_[count_] = planned_[k].group;
    }
}

template <class Real>
void Factors<Real>::present(double keep, const double* shares, std::ptrdiff_t count) noexcept {
    decay(keep);
    std::copy_n(shares, count, pair_weights_ + count_);
    std::fill_n(pair_groups_ + count_, count, static_cast<std::uint8_t>(group_of(rotation(1, 0), true)));
    count_ += count;
}

template <class Real>
void Factors<Real>::decay(double factor) noexcept RESONANCE_NONBLOCKING {
    for (std::ptrdiff_t pair = 0; pair < count_; ++pair) pair_weights_[pair] *= factor;
    for (double* number : {&base_factor_, &discarded_, &rounded_, &decayed_}) *number *= factor;
}

template <class Real>
void Factors<Real>::sum_dots(std::ptrdiff_t pairs, bool (&flags)[kFlags]) noexcept RESONANCE_NONBLOCKING {
    const std::ptrdiff_t spans = (nodes_.count() + span_nodes() - 1) / span_nodes();
    std::copy_n(span_dots(0), 4 * pairs, dots_);
    for (std::ptrdiff_t span = 1; span < spans; ++span) {
        const double* partial = span_dots(span);
        for (std::ptrdiff_t k = 0; k < 4 * pairs; ++k) dots_[k] += partial[k];
    }
    for (std::ptrdiff_t k = 0; k < kFlags; ++k) dots_[4 * pairs + k] = flags[k] ? 1 : 0;
    ranks().sum(dots_, 4 * pairs + kFlags);
    for (std::ptrdiff_t k = 0; k < kFlags; ++k) flags[k] = dots_[4 * pairs + k] != 0;
}

template <class Real>
void Factors<Real>::find_strengths() noexcept RESONANCE_NONBLOCKING {
    for (std::ptrdiff_t pair = 0; pair < count_; ++pair) {
        const FactorCore& m = groups_[pair_groups_[pair]].core;
        const double weight = pair_weights_[pair];
        const double* d = dots_ + 4 * pair;
        for (std::ptrdiff_t side = 0; side < 2; ++side, d += 2) {  // with c, then with s
            Real* out = strengths_ + side * 2 * count_ + 2 * pair;
            out[0] = static_cast<Real>(weight * (m.uu * d[0] + m.uv * d[1]));
            out[1] = static_cast<Real>(weight * (m.vu * d[0] + m.vv * d[1]));
        }
    }
}

// ---------------------------------------------------------------------------------------------------- compression

template <class Real>
void Factors<Real>::copy_rows(std::ptrdiff_t from, std::ptrdiff_t to,
                              std::ptrdiff_t pairs) noexcept RESONANCE_NONBLOCKING {
    std::copy_n(pair_rows(from), 2 * pairs * stride_, pair_rows(to));
}

//! Pairs of a group side by side. They come one after the other, so that only the newest may be out of order.
template <class Real>
void Factors<Real>::sort_by_group() noexcept RESONANCE_NONBLOCKING {
    Real* spare = compression_.spare_rows();
    for (std::ptrdiff_t pair = 1; pair < count_; ++pair) {
        const std::uint8_t group = pair_groups_[pair];
        const std::ptrdiff_t place = std::upper_bound(pair_groups_, pair_groups_ + pair, group) - pair_groups_;
        if (place == pair) continue;
        std::copy_n(pair_rows(pair), 2 * stride_, spare);
        std::copy_backward(pair_rows(place), pair_rows(pair), pair_rows(pair + 1));
        std::copy_n(spare, 2 * stride_, pair_rows(place));
        std::rotate(pair_weights_ + place, pair_weights_ + pair, pair_weights_ + pair + 1);
        std::rotate(pair_groups_ + place, pair_groups_ + pair, pair_groups_ + pair + 1);
    }
}

template <class Real>
void Factors<Real>::remove_pairs(std::ptrdiff_t first, std::ptrdiff_t last) noexcept RESONANCE_NONBLOCKING {
    copy_rows(last, first, count_ - last);
    std::copy(pair_weights_ + last, pair_weights_ + count_, pair_weights_ + first);
    std::copy(pair_groups_ + last, pair_groups_ + count_, pair_groups_ + first);
    count_ -= last - first;
}

//! All u and v of a node, from whoever has it.
template <class Real>
void Factors<Real>::take_values(std::ptrdiff_t node) noexcept RESONANCE_NONBLOCKING {
    for (std::ptrdiff_t row = 0; row < 2 * count_; ++row)
        node_values_[row] = nodes_.has(node) ? static_cast<double>(rows_[row * stride_ + node]) : 0;
    ranks().sum(node_values_, 2 * count_);
}

//! Row `node` of W, but for its base, is sum_k row_strengths_2k u_k + row_strengths_2k+1 v_k.
template <class Real>
void Factors<Real>::row_strengths(std::ptrdiff_t node) noexcept RESONANCE_NONBLOCKING {
    take_values(node);
    for (std::ptrdiff_t pair = 0; pair < count_; ++pair) {
        const FactorCore& m = groups_[pair_groups_[pair]].core;
        const double u = node_values_[2 * pair], v = node_values_[2 * pair + 1];
        row_strengths_[2 * pair] = static_cast<Real>(pair_weights_[pair] * (m.uu * u + m.vu * v));
        row_strengths_[2 * pair + 1] = static_cast<Real>(pair_weights_[pair] * (m.uv * u + m.vv * v));
    }
}

//! A lower bound of max |W|: a weight that the diagonal of growth gives, or the largest one in the row of the node that
//! has grown most. `knows_diagonal` tells whether the diagonal of all pairs was found for it.
template <class Real>
double Factors<Real>::largest_weight(int threads, bool& knows_diagonal) noexcept RESONANCE_NONBLOCKING {
    const PairRows<Real> all = pairs(0, count_);
    const bool alone = base() == nullptr && count_ > 0 && pair_groups_[0] == pair_groups_[count_ - 1] &&
                       groups_[pair_groups_[0]].compressible;
    const double along = alone ? std::abs(groups_[pair_groups_[0]].core.uu) : 0;
    knows_diagonal = false;
    if (along > 0.5) {
        if (const double known = compression_.diagonal_at_pivots(all); known > 0) return along * known;
    }
    const std::ptrdiff_t node = compression_.find_diagonal(all, threads);
    knows_diagonal = alone;
    if (along > 0.5) return along * compression_.largest_diagonal();
    row_strengths(node);
    Real* row = compression_.spare_row();
    const Real* base_row =
        base() == nullptr || !nodes_.has(node) ? nullptr : base_ + (node - nodes_.first) * base_stride_;
    for_node_chunks(nodes_, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t end) {
        kernels<Real>().multiply(
            {row + first, stride_, 0, row_strengths_, 0, 1, rows_ + first, stride_, 1, 2 * count_, end - first});
        for (std::ptrdiff_t i = first; i < last && base_row != nullptr; ++i)
            row[i] += static_cast<Real>(base_factor_ * static_cast<double>(base_row[i]));
    });
    // Where there is a base, who has the node has its row, and of that the columns of its own nodes.
    double largest = 0;
    if (base() == nullptr || nodes_.has(node))
        for (std::ptrdiff_t i = nodes_.first; i < nodes_.last; ++i)
            largest = std::max(largest, std::abs(static_cast<double>(row[i])));
    ranks().take_largest(&largest, 1);
    return largest;
}

template <class Real>
bool Factors<Real>::compress(const Conditions& conditions) noexcept RESONANCE_NONBLOCKING {
    sort_by_group();
    bool knows_diagonal = false;
    const double largest = largest_weight(conditions.threads, knows_diagonal);
    // All cuts together stay below half of the tolerance: what was spent of it fades with the weights, and a
    // compression spends as much of the rest as has faded since the last one.
    const double before = discarded_, room = kFeedback * conditions.tolerance / 2 * largest - before;
    const double allowed = std::max(room, 0.0) * std::max(1 - decayed_, kLeastShare);
    drop_small(allowed / 4);
    const bool fits = compress_groups(allowed / 2, knows_diagonal, conditions.threads) && count_ <= most_pairs_;
    if (!fits) {
        // Of what is left for the compressions to come, half.
        const double rest = std::min(room / 2, room - (discarded_ - before));
        if (room <= allowed || !compress_groups(rest, false, conditions.threads) || count_ > most_pairs_) return false;
    }
    decayed_ = 1;
    return true;
}

//! What the base adds to any weight, at most.
template <class Real>
double Factors<Real>::base_reach() noexcept RESONANCE_NONBLOCKING {
    double largest = base_largest_;
    ranks().take_largest(&largest, 1);
    return base_factor_ * largest;
}

//! Initial weights that have decayed to what may be discarded.
template <class Real>
void Factors<Real>::drop_small(double allowed) noexcept RESONANCE_NONBLOCKING {
    if (base_factor_ > 0) {
        const double reach = kFeedback * base_reach();
        if (reach <= allowed / 2) {
            discarded_ += reach;
            base_factor_ = 0;
        }
    }
    for (std::ptrdiff_t pair = 0; pair < count_; ++pair) {
        const FactorGroup& group = groups_[pair_groups_[pair]];
        if (group.compressible) continue;
        const std::uint8_t number = pair_groups_[pair];
        const std::ptrdiff_t last = std::upper_bound(pair_groups_, pair_groups_ + count_, number) - pair_groups_;
        const double reach = kFeedback * *std::max_element(pair_weights_ + pair, pair_weights_ + last) * group.reach;
        if (!(reach <= allowed / 2)) break;
        discarded_ += reach;
        remove_pairs(pair, last);
        break;
    }
}

//! Every group within its part of what may be discarded. `knows_diagonal`: there is one group, and its diagonal was
//! found. False where one is left with too many pairs.
template <class Real>
bool Factors<Real>::compress_groups(double allowed, bool knows_diagonal, int threads) noexcept RESONANCE_NONBLOCKING {
    std::ptrdiff_t present = 0;
    for (std::ptrdiff_t group = 0; group < group_count_; ++group)
        present += std::binary_search(pair_groups_, pair_groups_ + count_, static_cast<std::uint8_t>(group)) ? 1 : 0;
    for (std::ptrdiff_t group = 0; group < group_count_; ++group) {
        const auto [begin, end] =
            std::equal_range(pair_groups_, pair_groups_ + count_, static_cast<std::uint8_t>(group));
        const std::ptrdiff_t first = begin - pair_groups_, last = end - pair_groups_;
        if (first == last || !groups_[group].compressible) continue;
        const PairRows<Real> members = pairs(first, last);
        if (!compression_.compress(members, allowed / kFeedback / static_cast<double>(present), knows_diagonal,
                                   threads))
            return false;
        discarded_ += kFeedback * compression_.error();
        rounded_ += static_cast<double>(std::numeric_limits<Real>::epsilon()) * compression_.largest_diagonal();
        const std::ptrdiff_t left = first + compression_.count();
        std::fill(pair_weights_ + first, pair_weights_ + left, 1.0);
        remove_pairs(left, last);
    }
    // Groups that have become empty make room for others.
    for (std::ptrdiff_t group = group_count_ - 1; group >= 0; --group) {
        if (std::binary_search(pair_groups_, pair_groups_ + count_, static_cast<std::uint8_t>(group))) continue;
        std::copy(groups_ + group + 1, groups_ + group_count_, groups_ + group);
        --group_count_;
        for (std::ptrdiff_t pair = 0; pair < count_; ++pair)
            if (pair_groups_[pair] > group) --pair_groups_[pair];
    }
    return true;
}

// ---------------------------------------------------------------------------------------------------- all of it

template <class Real>
void Factors<Real>::copy_weights(span<const std::int64_t> rows, span<const std::int64_t> columns,
                                 Real* block) noexcept {
    const bool all_rows = rows.data() == nullptr, all_columns = columns.data() == nullptr;
    const std::ptrdiff_t height = all_rows ? n_ : static_cast<std::ptrdiff_t>(rows.size());
    const std::ptrdiff_t width = all_columns ? n_ : static_cast<std::ptrdiff_t>(columns.size());
    double sums[kNodeChunk];
    for (std::ptrdiff_t r = 0; r < height; ++r) {
        const std::int64_t node = all_rows ? r : rows[size(r)];
        take_values(node);
        for (std::ptrdiff_t first = 0; first < width; first += kNodeChunk, block += kNodeChunk) {
            const std::ptrdiff_t count = std::min(kNodeChunk, width - first);
            const auto add = [&](double factor, const Real* row, const NodeRange& known) {
                if (all_columns)
                    for (std::ptrdiff_t j = std::max(first, known.first); j < std::min(first + count, known.last); ++j)
                        sums[j - first] += factor * static_cast<double>(row[j]);
                else
                    for (std::ptrdiff_t k = 0; k < count; ++k)
                        if (const std::int64_t j = columns[size(first + k)]; known.has(j))
                            sums[k] += factor * static_cast<double>(row[j]);
            };
            std::fill_n(sums, count, 0.0);
            if (base() != nullptr && nodes_.has(node))
                add(base_factor_, base_ + (node - nodes_.first) * base_stride_, {0, n_, n_});
            for (std::ptrdiff_t pair = 0; pair < count_; ++pair) {
                const FactorCore& m = groups_[pair_groups_[pair]].core;
                const Real *u = rows_ + 2 * pair * stride_, *v = u + stride_;
                const double weight = pair_weights_[pair], un = node_values_[2 * pair], vn = node_values_[2 * pair + 1];
                add(weight * (m.uu * un + m.vu * vn), u, nodes_);
                add(weight * (m.uv * un + m.vv * vn), v, nodes_);
            }
            std::transform(sums, sums + count, block, [](double x) { return static_cast<Real>(x); });
            if (count < kNodeChunk) block -= kNodeChunk - count;
        }
    }
}

template <class Real>
WeightError Factors<Real>::error(int threads) noexcept {
    WeightError error;
    error.discarded = discarded_ + rounded_;
    error.rounding = kRounding * static_cast<double>(std::numeric_limits<Real>::epsilon());
    error.base = base_factor_ * base_largest_;
    if (count_ > 0) error.growth = compression_.largest_own_diagonal(pairs(0, count_), threads);
    return error;
}

template <class Real>
FactoredWeights<Real> Factors<Real>::view() const noexcept RESONANCE_NONBLOCKING {
    FactoredWeights<Real> view;
    view.rows = rows_ + nodes_.first;
    view.row_stride = stride_;
    view.pair_weights = {pair_weights_, size(count_)};
    view.pair_groups = {pair_groups_, size(count_)};
    view.groups = {groups_, size(group_count_)};
    view.base = base();
    view.base_stride = base_stride_;
    view.base_factor = base_factor_;
    view.discarded = discarded_;
    view.rounded = rounded_;
    view.decayed = decayed_;
    view.full_at = full_at_;
    view.largest = largest_;
    view.pivots = {compression_.pivots(), size(compression_.count())};
    return view;
}

template <class Real>
Status Factors<Real>::check(const FactoredWeights<Real>& view) const noexcept {
    const auto count = static_cast<std::ptrdiff_t>(view.pair_weights.size());
    // Pairs that are in the midst of their steps may have used up all room; others must leave some for the next step.
    if (count > (view.full_at > 0 ? capacity_ : capacity_ - 2) || view.pair_groups.size() != view.pair_weights.size() ||
        view.groups.size() > size(kMostGroups) || view.full_at > capacity_ || view.full_at < 0 ||
        static_cast<std::ptrdiff_t>(view.pivots.size()) > most_pairs_)
        return Status::invalid_size;
    std::ptrdiff_t own = 0, initial = 0;
    for (const FactorGroup& group : view.groups) {
        const FactorCore& core = group.core;
        for (const double number : {core.uu, core.uv, core.vu, core.vv, group.reach})
            if (!std::isfinite(number)) return Status::non_finite;
        if (group.reach < 0 || (group.compressible && !is_rotation(core))) return Status::invalid_value;
        for (const FactorGroup* other = view.groups.begin(); other != &group; ++other)
            if (group.compressible && other->compressible && same(core, other->core)) return Status::invalid_value;
        own += group.compressible && core.uu != 0 && core.uv != 0 ? 1 : 0;
        initial += group.compressible ? 0 : 1;
    }
    if (own > kOwnDirections || initial > 1) return Status::invalid_size;
    for (const std::uint8_t group : view.pair_groups)
        if (group >= view.groups.size()) return Status::invalid_value;
    for (const double weight : view.pair_weights)
        if (!(weight >= 0) || !std::isfinite(weight)) return Status::invalid_value;
    for (const double number : {view.discarded, view.rounded, view.decayed, view.base_factor})
        if (!(number >= 0) || !std::isfinite(number)) return Status::invalid_value;
    for (const std::int64_t node : view.pivots)
        if (node < 0 || node >= n_) return Status::invalid_node;
    const Kernels<Real>& kernel = kernels<Real>();
    for (std::ptrdiff_t row = 0; row < 2 * count; ++row)
        if (!kernel.all_finite(view.rows + row * view.row_stride, nodes_.count())) return Status::non_finite;
    for (std::ptrdiff_t row = 0; view.base != nullptr && row < nodes_.count(); ++row)
        if (!kernel.all_finite(view.base + row * view.base_stride, n_)) return Status::non_finite;
    return Status::ok;
}

template <class Real>
Status Factors<Real>::set(const FactoredWeights<Real>& view) noexcept {
    const auto pair_count = static_cast<std::ptrdiff_t>(view.pair_weights.size());
    Real* new_base = nullptr;
    const auto base_row = static_cast<std::ptrdiff_t>(row_bytes<Real>(size(n_)) / sizeof(Real));
    if (view.base != nullptr && view.base_factor > 0) {
        new_base = static_cast<Real*>(allocate_zeroed(size(nodes_.count() * base_row) * sizeof(Real)));
        if (new_base == nullptr) return Status::out_of_memory;
    }
    release(base_);
    base_ = new_base;
    base_stride_ = base_row;
    base_factor_ = new_base == nullptr ? 0 : view.base_factor;
    base_largest_ = 0;
    for (std::ptrdiff_t i = 0; new_base != nullptr && i < nodes_.count(); ++i) {
        std::copy_n(view.base + i * view.base_stride, n_, base_ + i * base_row);
        for (std::ptrdiff_t j = 0; j < n_; ++j)
            base_largest_ = std::max(base_largest_, std::abs(static_cast<double>(base_[i * base_row + j])));
    }
    for (std::ptrdiff_t row = 0; row < 2 * pair_count; ++row)
        std::copy_n(view.rows + row * view.row_stride, nodes_.count(), pair_rows(0) + row * stride_);
    clear_padding(0, pair_count);
    count_ = pair_count;
    std::copy(view.pair_weights.begin(), view.pair_weights.end(), pair_weights_);
    std::copy(view.pair_groups.begin(), view.pair_groups.end(), pair_groups_);
    group_count_ = static_cast<std::ptrdiff_t>(view.groups.size());
    std::copy(view.groups.begin(), view.groups.end(), groups_);
    discarded_ = view.discarded;
    rounded_ = view.rounded;
    decayed_ = view.decayed;
    largest_ = view.largest;
    full_at_ =
        view.full_at > 0 ? static_cast<std::ptrdiff_t>(view.full_at) : std::min(capacity_, count_ + 2 * kLeastRoom);
    compression_.set_pivots(view.pivots.data(), static_cast<std::ptrdiff_t>(view.pivots.size()));
    return Status::ok;
}

template <class Real>
void Factors<Real>::release_base() noexcept {
    if (base_factor_ > 0) return;
    release(base_);
    base_ = nullptr;
}

template class Factors<float>;
template class Factors<double>;

}  // namespace resonance::detail
