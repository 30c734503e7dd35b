#include "factors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../blocks/layout.hpp"
#include "../kernels/kernels.hpp"

namespace resonance::detail {
namespace {

//! Of the room that the tolerance leaves, what a compression may spend at least, where weights don't decay.
constexpr double kLeastShare = 1.0 / 16;

//! How many times a cut counts in the error bound. Amplitudes sum over all weights, and what a cut changes in them
//! grows into the weights of the steps to come: some 20 times the cut where amplitudes are free and still moving, and
//! 100 times where the learning rate changes its sign as well, measured against dense weights, whose runs cut off as
//! much.
constexpr double kFeedback = 128;

}  // namespace

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

template class Factors<float>;
template class Factors<double>;

}  // namespace resonance::detail
