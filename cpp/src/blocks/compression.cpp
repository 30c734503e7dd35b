#include "compression.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <type_traits>

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

constexpr std::size_t size(std::ptrdiff_t count) { return static_cast<std::size_t>(count); }

//! Rows of L that are computed together in double: their sums stay in the second-level cache.
constexpr std::ptrdiff_t kPieceRows = 32;

//! Nodes of a chunk, rounded up to whole vectors of any width.
constexpr std::ptrdiff_t padded_count(std::ptrdiff_t nodes) { return (nodes + 15) / 16 * 16; }

}  // namespace

template <class Real, class Work>
std::size_t Compression<Real, Work>::carve(void* block, const Task& task) noexcept {
    nodes_ = task.nodes;
    origin_ = task.origin;
    stride_ = task.stride;
    most_ = task.most;
    width_ = (2 * task.pairs + 7) / 8 * 8;
    Carver carver(block);
    carver.take(pivots_, size(most_));
    carver.take(old_pivots_, size(most_));
    carver.take(basis_, size(2 * most_ * width_));
    carver.take(scaled_basis_, size(2 * most_ * width_));
    carver.take(batch_, size(kBatch * width_));
    carver.take(turned_, size(kBatch * width_));
    carver.take(transposed_, size(width_ * kBatch));
    carver.take(overlaps_, size(2 * most_ * kBatch));
    carver.take(minus_one_, size(most_));
    carver.take(ranks_scratch_, AllRanks::scratch(task.exchange));
    carver.take(reduced_, size(std::max(2 * most_, task.spare) * stride_));
    carver.take(remaining_, size(stride_));
    carver.take(chunk_largest_, size(chunks_of(nodes_.count())));
    carver.take(chunk_diagonal_, size(chunks_of(nodes_.count())));
    carver.take(row_, size(stride_));
    carver.take(order_, size(std::max(nodes_.count(), kBatch)));
    if (block == nullptr) return carver.used();
    std::fill_n(minus_one_, most_, -1.0);
    reduced_ -= origin_;
    remaining_ -= origin_;
    row_ -= origin_;
    ranks_ = AllRanks(task.exchange, ranks_scratch_);
    return carver.used();
}

template <class Real, class Work>
void Compression<Real, Work>::set_pivots(const std::int64_t* nodes,
                                         std::ptrdiff_t count) noexcept RESONANCE_NONBLOCKING {
    pivot_count_ = count;
    std::copy_n(nodes, count, pivots_);
}

//! The diagonal of F F^H at some nodes, a chunk.
template <class Real, class Work>
void Compression<Real, Work>::sum_squares(const PairRows<Real>& pairs, std::ptrdiff_t first,
                                          std::ptrdiff_t last) noexcept RESONANCE_NONBLOCKING {
    std::fill(remaining_ + first, remaining_ + last, 0.0);
    kernels<Real>().add_squares(pairs.rows + first, stride_, 2 * pairs.count, pairs.weights, last - first,
                                remaining_ + first);
    chunk_largest_[chunk_of(first)] = *std::max_element(remaining_ + first, remaining_ + last);
}

template <class Real, class Work>
std::ptrdiff_t Compression<Real, Work>::chunk_of(std::ptrdiff_t node) const noexcept RESONANCE_NONBLOCKING {
    return (node - nodes_.first) / kNodeChunk;
}

template <class Real, class Work>
double Compression<Real, Work>::largest_of(const double* chunks) const noexcept RESONANCE_NONBLOCKING {
    return *std::max_element(chunks, chunks + chunks_of(nodes_.count()));
}

template <class Real, class Work>
double Compression<Real, Work>::largest_own_diagonal(const PairRows<Real>& pairs,
                                                     int threads) noexcept RESONANCE_NONBLOCKING {
    for_node_chunks(nodes_, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t) {
        sum_squares(pairs, first, last);
    });
    return largest_of(chunk_largest_);
}

template <class Real, class Work>
std::ptrdiff_t Compression<Real, Work>::find_diagonal(const PairRows<Real>& pairs,
                                                      int threads) noexcept RESONANCE_NONBLOCKING {
    largest_own_diagonal(pairs, threads);
    const double* most = std::max_element(chunk_largest_, chunk_largest_ + chunks_of(nodes_.count()));
    largest_diagonal_ = *most;
    const std::ptrdiff_t chunk = most - chunk_largest_;
    const std::ptrdiff_t first = nodes_.first + chunk * kNodeChunk, last = std::min(first + kNodeChunk, nodes_.last);
    std::ptrdiff_t node = std::max_element(remaining_ + first, remaining_ + last) - remaining_;
    const double own[] = {largest_diagonal_, static_cast<double>(node)};
    const double* all = ranks_.collect(own, 2);
    for (std::ptrdiff_t rank = 0; rank < ranks_.count(); ++rank) {
        if (rank > 0 && !(all[2 * rank] > largest_diagonal_)) continue;
        largest_diagonal_ = all[2 * rank];
        node = static_cast<std::ptrdiff_t>(all[2 * rank + 1]);
    }
    return node;
}

template <class Real, class Work>
double Compression<Real, Work>::diagonal_at_pivots(const PairRows<Real>& pairs) noexcept RESONANCE_NONBLOCKING {
    double largest = 0;
    for (std::ptrdiff_t pivot = 0; pivot < pivot_count_; ++pivot) {
        if (!nodes_.has(pivots_[pivot])) continue;
        double sum = 0;
        for (std::ptrdiff_t row = 0; row < 2 * pairs.count; ++row) {
            const auto value = static_cast<double>(pairs.rows[row * stride_ + pivots_[pivot]]);
            sum += pairs.weights[row / 2] * value * value;
        }
        largest = std::max(largest, sum);
    }
    ranks_.take_largest(&largest, 1);
    return largest;
}

template <class Real, class Work>
void Compression<Real, Work>::project(std::ptrdiff_t width) noexcept RESONANCE_NONBLOCKING {
    if (pivot_count_ == 0) return;
    const Kernels<double>& kernel = kernels<double>();
    for (std::ptrdiff_t b = 0; b < kBatch; ++b)
        for (std::ptrdiff_t k = 0; k < width; ++k) transposed_[k * kBatch + b] = batch_[b * width_ + k];
    kernel.multiply({overlaps_, kBatch, 0, basis_, width_, 1, transposed_, kBatch, 2 * pivot_count_, width, kBatch});
    for (std::ptrdiff_t k = 0; k < 2 * pivot_count_ * kBatch; ++k) overlaps_[k] = -overlaps_[k];
    kernel.multiply({transposed_, kBatch, 1, basis_, 1, width_, overlaps_, kBatch, width, 2 * pivot_count_, kBatch});
    for (std::ptrdiff_t b = 0; b < kBatch; ++b)
        for (std::ptrdiff_t k = 0; k < width; ++k) batch_[b * width_ + k] = transposed_[k * kBatch + b];
}

//! Extends the basis by the rows of up to kBatch nodes, but for those of which only `negligible` is left. False where
//! there is no room.
template <class Real, class Work>
bool Compression<Real, Work>::add_pivots(const PairRows<Real>& pairs, const std::int64_t* nodes, std::ptrdiff_t count,
                                         double negligible) noexcept RESONANCE_NONBLOCKING {
    const std::ptrdiff_t width = (2 * pairs.count + 3) / 4 * 4;
    std::fill_n(batch_, kBatch * width_, 0.0);
    for (std::ptrdiff_t b = 0; b < count; ++b) {
        if (!nodes_.has(nodes[b])) continue;
        for (std::ptrdiff_t k = 0; k < 2 * pairs.count; ++k)
            batch_[b * width_ + k] =
                std::sqrt(pairs.weights[k / 2]) * static_cast<double>(pairs.rows[k * stride_ + nodes[b]]);
    }
    ranks_.sum(batch_, count * width_);

    // Gram-Schmidt against the basis and within the batch, twice: after the first round vectors are small differences
    // of large ones, and after the second orthogonal to the last digit.
    bool taken[kBatch] = {};
    for (int round = 0; round < 2; ++round) {
        project(width);
        for (std::ptrdiff_t b = 0; b < count; ++b) {
            double* x = batch_ + b * width_;
            if (round == 1 && !taken[b]) continue;
            for (std::ptrdiff_t other = 0; other < b; ++other)
                if (taken[other]) take_off(batch_ + other * width_, turned_ + other * width_, width, x);
            const double left = dot(x, x, width);
            if (round == 0) taken[b] = left > negligible;
            const double scale = taken[b] ? 1 / std::sqrt(left) : 0;
            for (std::ptrdiff_t k = 0; k < width; ++k) x[k] *= scale;
            times_i(x, width, turned_ + b * width_);
        }
    }
    for (std::ptrdiff_t b = 0; b < count; ++b) {
        if (!taken[b]) continue;
        if (pivot_count_ == most_) return false;
        std::copy_n(batch_ + b * width_, width, basis_row(2 * pivot_count_));
        std::copy_n(turned_ + b * width_, width, basis_row(2 * pivot_count_ + 1));
        pivots_[pivot_count_++] = nodes[b];
    }
    return true;
}

//! L for the pivots from `from` on; what they hold of the diagonal is taken off what remains.
template <class Real, class Work>
void Compression<Real, Work>::reduce(const PairRows<Real>& pairs, std::ptrdiff_t from, bool knows_diagonal,
                                     int threads) noexcept RESONANCE_NONBLOCKING {
    for (std::ptrdiff_t row = 2 * from; row < 2 * pivot_count_; ++row)
        for (std::ptrdiff_t k = 0; k < 2 * pairs.count; ++k)
            scaled_basis_[row * width_ + k] = static_cast<Work>(basis_row(row)[k] * std::sqrt(pairs.weights[k / 2]));
    for_node_chunks(nodes_, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t end) {
        const std::ptrdiff_t chunk = chunk_of(first);
        if (!knows_diagonal) {
            sum_squares(pairs, first, last);
            chunk_diagonal_[chunk] = chunk_largest_[chunk];
        }
        reduce_nodes(pairs, from, first, last, end);
        chunk_largest_[chunk] = *std::max_element(remaining_ + first, remaining_ + last);
    });
    double largest[] = {largest_of(chunk_largest_), knows_diagonal ? largest_diagonal_ : largest_of(chunk_diagonal_)};
    ranks_.take_largest(largest, 2);
    largest_remaining_ = largest[0];
    largest_diagonal_ = largest[1];
}

template <class Real, class Work>
void Compression<Real, Work>::reduce_nodes(const PairRows<Real>& pairs, std::ptrdiff_t from, std::ptrdiff_t first,
                                           std::ptrdiff_t last, std::ptrdiff_t end) noexcept RESONANCE_NONBLOCKING {
    const std::ptrdiff_t rows = 2 * (pivot_count_ - from), inner = 2 * pairs.count;
    Real* out = reduced_ + 2 * from * stride_;
    const Work* basis = scaled_basis_ + 2 * from * width_;
    if constexpr (std::is_same_v<Real, Work>) {
        kernels<Real>().multiply(
            {out + first, stride_, 0, basis, width_, 1, pairs.rows + first, stride_, rows, inner, end - first});
        kernels<Real>().add_squares(out + first, stride_, rows, minus_one_, last - first, remaining_ + first);
    } else {
        alignas(kVectorAlignment) Work sums[kPieceRows * kNodeChunk];
        for (std::ptrdiff_t row = 0; row < rows; row += kPieceRows) {
            const std::ptrdiff_t count = std::min(kPieceRows, rows - row);
            // The padding may be more than a chunk ends with: it stays the zeros that it is.
            kernels<Real>().multiply_in_double({sums, kNodeChunk, 0, basis + row * width_, width_, 1,
                                                pairs.rows + first, stride_, count, inner, padded_count(last - first)});
            kernels<Work>().add_squares(sums, kNodeChunk, count, minus_one_, last - first, remaining_ + first);
            for (std::ptrdiff_t i = 0; i < count; ++i) {
                Real* to = out + (row + i) * stride_ + first;
                std::transform(sums + i * kNodeChunk, sums + i * kNodeChunk + (last - first), to,
                               [](Work x) { return static_cast<Real>(x); });
                std::fill(to + (last - first), to + (end - first), Real(0));
            }
        }
    }
}

//! The nodes of which most is left, up to kBatch of them, to order_. Returns how many.
template <class Real, class Work>
std::ptrdiff_t Compression<Real, Work>::find_most_remaining() noexcept RESONANCE_NONBLOCKING {
    std::iota(order_, order_ + nodes_.count(), std::int64_t{nodes_.first});
    std::ptrdiff_t count = std::min(kBatch, nodes_.count());
    std::partial_sort(order_, order_ + count, order_ + nodes_.count(), [&](std::int64_t a, std::int64_t b) {
        return remaining_[a] > remaining_[b] || (remaining_[a] == remaining_[b] && a < b);
    });
    if (ranks_.is_one()) return count;

    // Each rank's own, of which the first of all are taken: lists that are in order, by merging.
    static_assert(2 * kBatch <= AllRanks::kMostCollected);
    double own[2 * kBatch];
    for (std::ptrdiff_t k = 0; k < kBatch; ++k) {
        own[2 * k] = k < count ? remaining_[order_[k]] : -1;
        own[2 * k + 1] = k < count ? static_cast<double>(order_[k]) : -1;
    }
    const double* all = ranks_.collect(own, 2 * kBatch);
    double found[2 * kBatch];
    count = 0;
    for (std::ptrdiff_t k = 0; k < ranks_.count() * kBatch; ++k) {
        const double left = all[2 * k], node = all[2 * k + 1];
        if (node < 0) continue;
        std::ptrdiff_t place = count;
        while (place > 0 &&
               (left > found[2 * place - 2] || (left == found[2 * place - 2] && node < found[2 * place - 1])))
            --place;
        if (place == kBatch) continue;
        count = std::min(count + 1, kBatch);
        std::copy_backward(found + 2 * place, found + 2 * (count - 1), found + 2 * count);
        found[2 * place] = left;
        found[2 * place + 1] = node;
    }
    for (std::ptrdiff_t k = 0; k < count; ++k) order_[k] = static_cast<std::int64_t>(found[2 * k + 1]);
    return count;
}

template <class Real, class Work>
bool Compression<Real, Work>::compress(const PairRows<Real>& pairs, double least, bool knows_diagonal,
                                       int threads) noexcept RESONANCE_NONBLOCKING {
    if (!knows_diagonal && pivot_count_ == 0) {
        find_diagonal(pairs, threads);
        knows_diagonal = true;
    }
    // What is left of a diagonal element is a difference: less than its rounding can't be asked for.
    const auto at_least_rounding = [least](double largest) {
        return std::max(least, 4 * static_cast<double>(std::numeric_limits<Work>::epsilon()) * largest);
    };
    // Of the pivots to begin with, the largest among themselves; of all others, the largest of all.
    double tolerance = at_least_rounding(knows_diagonal ? largest_diagonal_ : diagonal_at_pivots(pairs));
    const std::ptrdiff_t old_count = pivot_count_;
    std::copy_n(pivots_, old_count, old_pivots_);
    pivot_count_ = 0;
    for (std::ptrdiff_t first = 0; first < old_count; first += kBatch)
        if (!add_pivots(pairs, old_pivots_ + first, std::min(kBatch, old_count - first), tolerance / 4)) return false;
    reduce(pairs, 0, knows_diagonal, threads);
    tolerance = at_least_rounding(largest_diagonal_);
    while (largest_remaining_ > tolerance && !ranks_.have_failed()) {
        const std::ptrdiff_t before = pivot_count_, count = find_most_remaining();
        if (!add_pivots(pairs, order_, count, tolerance / 4)) return false;
        if (pivot_count_ == before) break;  // what remains is the rounding of a difference
        reduce(pairs, before, true, threads);
    }
    error_ = std::max(largest_remaining_, 0.0);
    for_nodes(nodes_, threads, [&](std::ptrdiff_t first, std::ptrdiff_t, std::ptrdiff_t end) {
        for (std::ptrdiff_t row = 0; row < 2 * pivot_count_; ++row)
            std::copy(reduced_ + row * stride_ + first, reduced_ + row * stride_ + end,
                      pairs.rows + row * stride_ + first);
    });
    return true;
}

template class Compression<float>;
template class Compression<double>;
template class Compression<float, double>;

}  // namespace resonance::detail
