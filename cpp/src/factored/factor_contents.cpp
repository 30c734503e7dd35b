#include "factors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../blocks/layout.hpp"
#include "../kernels/kernels.hpp"
#include "../memory.hpp"

namespace resonance::detail {
namespace {

//! Units in the last place that the sums over pairs are off by at most, and dense weights beside them.
constexpr double kRounding = 64;

constexpr std::size_t size(std::ptrdiff_t count) { return static_cast<std::size_t>(count); }

//! Whether it can be the core of growth. On the axes exactly: there are four of these, and room for them.
bool is_rotation(const FactorCore& core) {
    if (core.uu != core.vv || core.uv != -core.vu) return false;
    if (core.uu == 0 || core.uv == 0) return std::abs(core.uu) + std::abs(core.uv) == 1;
    return std::abs(std::sqrt(core.uu * core.uu + core.uv * core.uv) - 1) < 1e-12;
}

}  // namespace

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
