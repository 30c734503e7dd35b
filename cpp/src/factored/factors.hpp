//! Weights that are never formed: W = base_factor B + the sum of pairs of vectors, each with a small core.
//!
//! A step adds learning_rate decay (cos(lag) (u u^T + v v^T) + sin(lag) (v u^T - u v^T)), one more pair u = a cos phi,
//! v = a sin phi. With z = u + i v that is the real part of exp(-i lag) z z^H, so that all pairs of one direction,
//! which is the lag and the sign of the learning rate, are one positive Hermitian sum. It is compressed when the room
//! for pairs is used up (blocks/compression.hpp), at an error of every weight that is known, and that is added up here.
//! Pairs of different directions don't mix: each direction is a group of its own.
//!
//! Ranks that share a network have the rows u, v of their own nodes alone; weights, groups and errors all have alike.
//!
//! Initial weights are pairs as well where they are given as a product of two thin matrices; others are a base B,
//! which decays until it counts for no more than the tolerance allows, and is dropped then.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "../all_ranks.hpp"
#include "../blocks/compression.hpp"
#include "../engines/conditions.hpp"
#include "resonance/exchange.hpp"
#include "resonance/factors.hpp"
#include "resonance/status.hpp"

namespace resonance::detail {

//! Directions that get a group of their own. Any further one is made of the four along the axes.
constexpr std::ptrdiff_t kOwnDirections = 4;

//! To within the rounding of a direction.
inline bool same(const FactorCore& a, const FactorCore& b) {
    return std::abs(a.uu - b.uu) + std::abs(a.vu - b.vu) < 1e-15;
}

template <class Real>
class Factors {
public:
    static constexpr std::ptrdiff_t kMostGroups = 9;
    //! Pairs that come between two compressions, at least.
    static constexpr std::ptrdiff_t kLeastRoom = 16;

    //! Factors of the nodes of a shard, or of all of n, all 0, of which a compression may leave `most_pairs`; nullptr
    //! where there is no memory. All that steps need is taken here; what they don't touch stays the system's.
    static Factors* make(std::ptrdiff_t n, const Shard& shard, std::ptrdiff_t most_pairs) noexcept;
    //! Bytes that make() takes, for so many nodes.
    static std::size_t bytes(std::ptrdiff_t nodes, std::ptrdiff_t most_pairs) noexcept;
    static void destroy(Factors* factors) noexcept;
    Factors(const Factors&) = delete;
    Factors& operator=(const Factors&) = delete;

    std::ptrdiff_t stride() const noexcept { return stride_; }
    std::ptrdiff_t most_pairs() const noexcept { return most_pairs_; }
    std::ptrdiff_t count() const noexcept { return count_; }
    //! Of the pairs that compressions have left, the most.
    std::ptrdiff_t largest_count() const noexcept { return largest_; }
    //! Where node 0 of u_0 is, or would be.
    const Real* rows() const noexcept { return rows_; }
    //! The first row of B that there is; null where there is no B, or none any more.
    const Real* base() const noexcept { return base_factor_ > 0 ? base_ : nullptr; }
    std::ptrdiff_t base_stride() const noexcept { return base_stride_; }
    double base_factor() const noexcept { return base_factor_; }

    // ------------------------------------------------------------------------------------------------ a step

    //! Whether there is room for the growth of one more step without a compression.
    bool has_room() const noexcept { return count_ + 2 <= full_at_; }
    //! Whether a step adds pairs at all.
    static bool grows(const Conditions& conditions) noexcept {
        return conditions.learn && conditions.hyperparameters.learning_rate != 0 &&
               conditions.hyperparameters.decay > 0;
    }
    //! Makes such room. False where the rank of W is beyond the most that is allowed; what was
    //! compressed until then stays right.
    bool make_room(const Conditions& conditions) noexcept RESONANCE_NONBLOCKING;
    //! How many pairs the step adds: 1; or 2, with the same rows, where its direction is one too many and has to be
    //! made of two others; 0 where nothing grows.
    std::ptrdiff_t plan_growth(const Conditions& conditions) noexcept RESONANCE_NONBLOCKING;
    //! Forgets a plan that no growth follows, and the groups that it has added.
    void drop_plan() noexcept RESONANCE_NONBLOCKING { group_count_ = unplanned_group_count_; }
    Real* next_rows() const noexcept { return rows_ + 2 * count_ * stride_; }
    //! Zeros behind the last of all nodes, in the rows of the next pairs.
    void clear_next(std::ptrdiff_t pairs) noexcept RESONANCE_NONBLOCKING { clear_padding(count_, pairs); }
    //! Decay of everything, and the planned growth, whose rows stand in next_rows().
    void grow(const Conditions& conditions) noexcept RESONANCE_NONBLOCKING;
    //! Pairs that there is room for without a compression.
    std::ptrdiff_t room() const noexcept { return full_at_ - count_; }
    //! Growth from data, whose rows stand in next_rows(): of all else `keep` stays, and each pair has its share.
    void present(double keep, const double* shares, std::ptrdiff_t count) noexcept;

    //! Nodes whose dot products are summed by one thread, whole chunks.
    std::ptrdiff_t span_nodes() const noexcept RESONANCE_NONBLOCKING;
    //! Room for the dot products of c and s with all rows (c u_k, c v_k, s u_k, s v_k for each pair) over a span; and
    //! as much again.
    double* span_dots(std::ptrdiff_t span) const noexcept { return partial_dots_ + span * 8 * capacity_; }
    //! Flags that ranks tell each other with their dot products.
    static constexpr std::ptrdiff_t kFlags = 3;
    //! Adds up the dot products with `pairs` pairs, over all ranks. Each flag becomes whether any rank has set it.
    void sum_dots(std::ptrdiff_t pairs, bool (&flags)[kFlags]) noexcept RESONANCE_NONBLOCKING;
    //! Finds from them the share of every row in W c and W s.
    void find_strengths() noexcept RESONANCE_NONBLOCKING;
    //! These shares, (2, 2 count()).
    const Real* strengths() const noexcept { return strengths_; }

    // ------------------------------------------------------------------------------------------------ all of it

    //! Writes W[rows, columns] to `block`, or what of it this rank knows, on top of which the others' comes. A span
    //! without data stands for all nodes.
    void copy_weights(span<const std::int64_t> rows, span<const std::int64_t> columns, Real* block) noexcept;
    //! How far weights may be off, through what was cut off and through rounding.
    WeightError error(int threads) noexcept;
    FactoredWeights<Real> view() const noexcept RESONANCE_NONBLOCKING;
    //! Whether set() may take that.
    Status check(const FactoredWeights<Real>& view) const noexcept;
    //! Replaces everything by a view that was checked. Status::out_of_memory where a base finds no room;
    //! then nothing has changed.
    Status set(const FactoredWeights<Real>& view) noexcept;
    //! Gives back the memory of a base that was dropped.
    void release_base() noexcept;
    AllRanks& ranks() noexcept { return compression_.ranks(); }

private:
    struct Planned {
        std::uint8_t group;
        double share;
    };

    Factors(std::ptrdiff_t n, const Shard& shard, std::ptrdiff_t most_pairs) noexcept;
    ~Factors();
    std::size_t carve(void* block) noexcept;
    void decay(double factor) noexcept RESONANCE_NONBLOCKING;
    std::ptrdiff_t group_of(const FactorCore& core, bool add) noexcept RESONANCE_NONBLOCKING;
    void sort_by_group() noexcept RESONANCE_NONBLOCKING;
    double largest_weight(int threads, bool& knows_diagonal) noexcept RESONANCE_NONBLOCKING;
    bool compress(const Conditions& conditions) noexcept RESONANCE_NONBLOCKING;
    bool compress_groups(double allowed, bool knows_diagonal, int threads) noexcept RESONANCE_NONBLOCKING;
    double base_reach() noexcept RESONANCE_NONBLOCKING;
    void drop_small(double allowed) noexcept RESONANCE_NONBLOCKING;
    void remove_pairs(std::ptrdiff_t first, std::ptrdiff_t last) noexcept RESONANCE_NONBLOCKING;
    void copy_rows(std::ptrdiff_t from, std::ptrdiff_t to, std::ptrdiff_t pairs) noexcept RESONANCE_NONBLOCKING;
    void take_values(std::ptrdiff_t node) noexcept RESONANCE_NONBLOCKING;
    void row_strengths(std::ptrdiff_t node) noexcept RESONANCE_NONBLOCKING;
    void clear_padding(std::ptrdiff_t first, std::ptrdiff_t count) noexcept RESONANCE_NONBLOCKING;
    //! A pair's rows, of the nodes that there are.
    Real* pair_rows(std::ptrdiff_t pair) const noexcept { return rows_ + 2 * pair * stride_ + nodes_.first; }
    PairRows<Real> pairs(std::ptrdiff_t first, std::ptrdiff_t last) const noexcept {
        return {rows_ + 2 * first * stride_, stride_, last - first, pair_weights_ + first};
    }

    std::ptrdiff_t n_;
    NodeRange nodes_;
    Exchange exchange_;
    std::ptrdiff_t stride_, most_pairs_, capacity_;
    std::ptrdiff_t count_ = 0, full_at_ = 0, largest_ = 0;
    std::ptrdiff_t group_count_ = 0, unplanned_group_count_ = 0;
    FactorGroup groups_[kMostGroups];
    Planned planned_[2] = {};
    std::ptrdiff_t planned_count_ = 0;
    double discarded_ = 0, rounded_ = 0, decayed_ = 1;

    Real* rows_ = nullptr;
    double* pair_weights_ = nullptr;
    std::uint8_t* pair_groups_ = nullptr;
    double *partial_dots_ = nullptr, *dots_ = nullptr;
    double* node_values_ = nullptr;
    Real *strengths_ = nullptr, *row_strengths_ = nullptr;
    void* memory_ = nullptr;
    Compression<Real, double> compression_;

    Real* base_ = nullptr;
    std::ptrdiff_t base_stride_ = 0;
    double base_factor_ = 0, base_largest_ = 0;
};

extern template class Factors<float>;
extern template class Factors<double>;

}  // namespace resonance::detail
