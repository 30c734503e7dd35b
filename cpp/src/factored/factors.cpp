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

constexpr std::size_t size(std::ptrdiff_t count) { return static_cast<std::size_t>(count); }

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
    unplanned_group_count_ = group_count_;
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
    // A factor of -0.0 leaves no -0.0, which a copy would not have.
    for (double* number : {&base_factor_, &discarded_, &rounded_, &decayed_}) *number = *number * factor + 0.0;
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

template class Factors<float>;
template class Factors<double>;

}  // namespace resonance::detail
