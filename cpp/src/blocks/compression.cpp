#include "compression.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "../kernels/kernels.hpp"
#include "layout.hpp"

namespace resonance::detail {
namespace {

double dot(const double* x, const double* y, std::ptrdiff_t n) noexcept {
    double sums[4] = {};
    for (std::ptrdiff_t k = 0; k < n; k += 4)
        for (int lane = 0; lane < 4; ++lane) sums[lane] += x[k + lane] * y[k + lane];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

//! With complex numbers as (real, imaginary) side by side: out = i x.
void times_i(const double* x, std::ptrdiff_t n, double* out) noexcept {
    for (std::ptrdiff_t k = 0; k < n; k += 2) {
        out[k] = -x[k + 1];
        out[k + 1] = x[k];
    }
}

//! x -= the part of x along the unit vector g, both complex; i_g = i g.
void take_off(const double* g, const double* i_g, std::ptrdiff_t n, double* x) noexcept {
    const double along = dot(g, x, n), across = dot(i_g, x, n);
    for (std::ptrdiff_t k = 0; k < n; ++k) x[k] -= along * g[k] + across * i_g[k];
}

}  // namespace

template <class Real>
std::size_t Compression<Real>::carve(void* block, std::ptrdiff_t nodes, std::ptrdiff_t most,
                                     std::ptrdiff_t spare) noexcept {
    most_ = std::min(most, kMostPivots);
    stride_ = row_stride<Real>(nodes);
    Carver carver(block);
    const auto basis_size = static_cast<std::size_t>(2 * most_ * kWidth);
    carver.take(basis_, basis_size);
    carver.take(scaled_basis_, basis_size);
    carver.take(batch_, static_cast<std::size_t>(kBatch * kWidth));
    carver.take(transposed_, static_cast<std::size_t>(kWidth * kBatch));
    carver.take(overlaps_, static_cast<std::size_t>(2 * most_ * kBatch));
    carver.take(reduced_, static_cast<std::size_t>(std::max(2 * most_, spare) * stride_));
    carver.take(remaining_, static_cast<std::size_t>(stride_));
    carver.take(row_, static_cast<std::size_t>(stride_));
    carver.take(order_, static_cast<std::size_t>(nodes));
    return carver.used();
}

//! What each node has on the diagonal of F F^H.
template <class Real>
void Compression<Real>::find_diagonal(const State<Real>& state, const Pending<Real>& pending, int threads) noexcept {
    for_node_chunks<Real>(state.n, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t) {
        std::fill(remaining_ + first, remaining_ + last, 0.0);
        kernels<Real>().add_squares(pending.rows() + first, stride_, 2 * pending.count(), pending.weights(),
                                    last - first, remaining_ + first);
    });
}

template <class Real>
double Compression<Real>::largest_weight(const State<Real>& state, const Pending<Real>& pending, int threads) noexcept {
    const std::ptrdiff_t n = state.n;
    find_diagonal(state, pending, threads);
    const std::ptrdiff_t node = std::max_element(remaining_, remaining_ + n) - remaining_;
    Real strengths[2 * Pending<Real>::kMostPairs];
    pending.row_strengths(node, strengths);
    const Real* base = state.weights + node * state.stride;
    for_node_chunks<Real>(n, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t end) {
        for (std::ptrdiff_t i = first; i < last; ++i)
            row_[i] = static_cast<Real>(pending.base_factor() * static_cast<double>(base[i]));
        kernels<Real>().multiply({row_ + first, stride_, 1, strengths, 0, 1, pending.rows() + first, stride_, 1,
                                  2 * pending.count(), end - first});
    });
    return static_cast<double>(
        std::abs(*std::max_element(row_, row_ + n, [](Real x, Real y) { return std::abs(x) < std::abs(y); })));
}

template <class Real>
void Compression<Real>::project(std::ptrdiff_t width) noexcept {
    if (pivot_count_ == 0) return;
    const Kernels<double>& kernel = kernels<double>();
    for (std::ptrdiff_t b = 0; b < kBatch; ++b)
        for (std::ptrdiff_t k = 0; k < width; ++k) transposed_[k * kBatch + b] = batch_[b * kWidth + k];
    kernel.multiply({overlaps_, kBatch, 0, basis_, kWidth, 1, transposed_, kBatch, 2 * pivot_count_, width, kBatch});
    for (std::ptrdiff_t k = 0; k < 2 * pivot_count_ * kBatch; ++k) overlaps_[k] = -overlaps_[k];
    kernel.multiply({transposed_, kBatch, 1, basis_, 1, kWidth, overlaps_, kBatch, width, 2 * pivot_count_, kBatch});
    for (std::ptrdiff_t b = 0; b < kBatch; ++b)
        for (std::ptrdiff_t k = 0; k < width; ++k) batch_[b * kWidth + k] = transposed_[k * kBatch + b];
}

//! Extends the basis by the rows of up to kBatch nodes, but for those of which only `negligible` is left. False where
//! there is no room.
template <class Real>
bool Compression<Real>::add_pivots(const Pending<Real>& pending, const std::ptrdiff_t* nodes, std::ptrdiff_t count,
                                   double negligible) noexcept {
    const std::ptrdiff_t pairs = pending.count(), width = (2 * pairs + 3) / 4 * 4;
    std::fill_n(batch_, kBatch * kWidth, 0.0);
    for (std::ptrdiff_t b = 0; b < count; ++b)
        for (std::ptrdiff_t k = 0; k < 2 * pairs; ++k)
            batch_[b * kWidth + k] =
                std::sqrt(pending.weights()[k / 2]) * static_cast<double>(pending.rows()[k * stride_ + nodes[b]]);

    // Gram-Schmidt against the basis and within the batch, twice: after the first round vectors are small differences
    // of large ones, and after the second orthogonal to the last digit.
    bool taken[kBatch] = {};
    double turned[kBatch][kWidth];
    for (int round = 0; round < 2; ++round) {
        project(width);
        for (std::ptrdiff_t b = 0; b < count; ++b) {
            double* x = batch_ + b * kWidth;
            if (round == 1 && !taken[b]) continue;
            for (std::ptrdiff_t other = 0; other < b; ++other)
                if (taken[other]) take_off(batch_ + other * kWidth, turned[other], width, x);
            const double left = dot(x, x, width);
            if (round == 0) taken[b] = left > negligible;
            const double scale = taken[b] ? 1 / std::sqrt(left) : 0;
            for (std::ptrdiff_t k = 0; k < width; ++k) x[k] *= scale;
            times_i(x, width, turned[b]);
        }
    }
    for (std::ptrdiff_t b = 0; b < count; ++b) {
        if (!taken[b]) continue;
        if (pivot_count_ == most_) return false;
        double* g = basis_ + 2 * pivot_count_ * kWidth;
        std::copy_n(batch_ + b * kWidth, width, g);
        std::copy_n(turned[b], width, g + kWidth);
        pivots_[pivot_count_++] = nodes[b];
    }
    return true;
}

//! L for the pivots from `from` on; what they hold of the diagonal is taken off what remains.
template <class Real>
void Compression<Real>::reduce(const State<Real>& state, const Pending<Real>& pending, std::ptrdiff_t from,
                               int threads) noexcept {
    const std::ptrdiff_t pairs = pending.count();
    for (std::ptrdiff_t row = 2 * from; row < 2 * pivot_count_; ++row)
        for (std::ptrdiff_t k = 0; k < 2 * pairs; ++k)
            scaled_basis_[row * kWidth + k] =
                static_cast<Real>(basis_[row * kWidth + k] * std::sqrt(pending.weights()[k / 2]));
    double minus_one[kMostPivots];
    std::fill_n(minus_one, kMostPivots, -1.0);
    for_node_chunks<Real>(state.n, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t end) {
        Real* out = reduced_ + 2 * from * stride_ + first;
        kernels<Real>().multiply({out, stride_, 0, scaled_basis_ + 2 * from * kWidth, kWidth, 1, pending.rows() + first,
                                  stride_, 2 * (pivot_count_ - from), 2 * pairs, end - first});
        kernels<Real>().add_squares(out, stride_, 2 * (pivot_count_ - from), minus_one, last - first,
                                    remaining_ + first);
    });
}

template <class Real>
bool Compression<Real>::compress(const State<Real>& state, Pending<Real>& pending, double relative_tolerance,
                                 int threads) noexcept {
    const std::ptrdiff_t n = state.n;
    const double largest = largest_weight(state, pending, threads);
    // What is left of a diagonal element is a difference: less than its rounding can't be asked for.
    const double rounding =
        16 * static_cast<double>(std::numeric_limits<Real>::epsilon()) * *std::max_element(remaining_, remaining_ + n);
    const double tolerance = std::max(relative_tolerance * largest, rounding);
    const double negligible = tolerance / 4;
    std::ptrdiff_t old_pivots[kMostPivots];
    const std::ptrdiff_t old_count = pivot_count_;
    std::copy_n(pivots_, old_count, old_pivots);
    pivot_count_ = 0;
    for (std::ptrdiff_t first = 0; first < old_count; first += kBatch)
        if (!add_pivots(pending, old_pivots + first, std::min(kBatch, old_count - first), negligible)) return false;
    reduce(state, pending, 0, threads);
    while (*std::max_element(remaining_, remaining_ + n) > tolerance) {
        std::iota(order_, order_ + n, std::ptrdiff_t{0});
        const std::ptrdiff_t count = std::min(kBatch, n);
        std::partial_sort(order_, order_ + count, order_ + n, [&](std::ptrdiff_t a, std::ptrdiff_t b) {
            return remaining_[a] > remaining_[b] || (remaining_[a] == remaining_[b] && a < b);
        });
        const std::ptrdiff_t before = pivot_count_;
        if (!add_pivots(pending, order_, count, negligible) || pivot_count_ == before) return false;
        reduce(state, pending, before, threads);
    }
    for_nodes<Real>(n, threads, [&](std::ptrdiff_t first, std::ptrdiff_t, std::ptrdiff_t end) {
        for (std::ptrdiff_t row = 0; row < 2 * pivot_count_; ++row)
            std::copy(reduced_ + row * stride_ + first, reduced_ + row * stride_ + end,
                      pending.rows() + row * stride_ + first);
    });
    pending.replace(pivot_count_);
    return true;
}

template class Compression<float>;
template class Compression<double>;

}  // namespace resonance::detail
