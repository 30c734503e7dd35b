#include "skeleton.hpp"

#include <Eigen/Core>
#include <Eigen/QR>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <exception>
#include <limits>

#include "../kernels/kernels.hpp"
#include "layout.hpp"
#include "passes.hpp"
#include "upcoming.hpp"

namespace resonance::detail {
namespace {

//! Steps of a first look: where these have no low rank, more of them have none either.
constexpr std::ptrdiff_t kProbeSteps = 16;
//! Columns that a panel must save: with less, products with all of them are as cheap.
constexpr double kWorthwhile = 0.75;

//! +1 or -1 for each node: the high bit of SplitMix64.
double sign_of(std::ptrdiff_t node) noexcept {
    std::uint64_t x = (static_cast<std::uint64_t>(node) + 1) * 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
    return (x >> 63U) != 0 ? 1 : -1;
}

//! Each row is the sum of a group of nodes with random signs: (sketch rows, columns).
template <class Real>
Eigen::MatrixXd sketch(const Real* rows, std::ptrdiff_t count, std::ptrdiff_t n, std::ptrdiff_t sketch_rows,
                       int threads) {
    const std::ptrdiff_t stride = row_stride<Real>(n);
    sketch_rows = std::min(sketch_rows, n);
    Eigen::VectorXd signs(n);
    for (std::ptrdiff_t i = 0; i < n; ++i) signs[i] = sign_of(i);
    Eigen::MatrixXd sums(sketch_rows, count);
    for_row_ranges(count, 1, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        for (std::ptrdiff_t row = first; row < last; ++row)
            for (std::ptrdiff_t group = 0; group < sketch_rows; ++group) {
                double sum = 0;
                for (std::ptrdiff_t i = group * n / sketch_rows; i < (group + 1) * n / sketch_rows; ++i)
                    sum += signs[i] * static_cast<double>(rows[row * stride + i]);
                sums(group, row) = sum;
            }
    });
    return sums;
}

using Factorization = Eigen::ColPivHouseholderQR<Eigen::MatrixXd>;

//! Columns after which only rounding is left.
template <class Real>
std::ptrdiff_t rank_of(const Factorization& factorization) {
    const auto diagonal = factorization.matrixQR().diagonal().cwiseAbs();
    const double least = 16 * static_cast<double>(std::numeric_limits<Real>::epsilon()) * diagonal[0];
    std::ptrdiff_t rank = 0;
    while (rank < diagonal.size() && diagonal[rank] > least) ++rank;
    return rank;
}

//! The largest error of any column that the panel stands for.
template <class Real>
double largest_error(const SkeletonScratch<Real>& scratch, const Panel<Real>& panel, std::ptrdiff_t n,
                     int threads) noexcept {
    const std::ptrdiff_t stride = row_stride<Real>(n), count = 2 * panel.steps;
    std::atomic<double> largest{0};
    for_node_chunks(all_nodes<Real>(n), threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t end) {
        double found = 0;
        for (std::ptrdiff_t begin = 0; begin < count; begin += kMostColumns) {
            const std::ptrdiff_t rows = std::min(kMostColumns, count - begin);
            for (std::ptrdiff_t row = 0; row < rows; ++row)
                std::copy_n(scratch.columns + (begin + row) * stride + first, end - first,
                            scratch.residual + row * stride + first);
            kernels<Real>().multiply({scratch.residual + first, stride, -1, panel.coefficients + begin * panel.columns,
                                      panel.columns, 1, scratch.selected + first, stride, rows, panel.columns,
                                      end - first});
            for (std::ptrdiff_t row = 0; row < rows; ++row)
                for (std::ptrdiff_t i = first; i < last; ++i)
                    found = std::max(found, std::abs(static_cast<double>(scratch.residual[row * stride + i])));
        }
        double known = largest.load();
        while (known < found && !largest.compare_exchange_weak(known, found)) {
        }
    });
    return largest.load();
}

//! A panel for the first `steps` steps of scratch.columns; false where that takes too many columns.
template <class Real>
bool fill_from_columns(std::ptrdiff_t n, int threads, std::ptrdiff_t steps, const SkeletonScratch<Real>& scratch,
                       Panel<Real>& panel) {
    const std::ptrdiff_t stride = row_stride<Real>(n);
    const Factorization factorization(sketch(scratch.columns, 2 * steps, n, 2 * kMostColumns, threads));
    const std::ptrdiff_t rank = rank_of<Real>(factorization);
    panel.steps = steps;
    panel.columns = panel_columns<Real>(rank);
    panel.known = scratch.columns;
    if (panel.columns > kMostColumns ||
        static_cast<double>(panel.columns) > kWorthwhile * static_cast<double>(2 * steps))
        return false;

    // All columns from the selected ones: R11^-1 (R11 R12), in their own order.
    const auto& r = factorization.matrixQR();
    const Eigen::MatrixXd others =
        r.topLeftCorner(rank, rank).triangularView<Eigen::Upper>().solve(r.topRightCorner(rank, 2 * steps - rank));
    const auto& order = factorization.colsPermutation().indices();
    std::memset(panel.coefficients, 0, static_cast<std::size_t>(2 * steps * panel.columns) * sizeof(Real));
    std::memset(scratch.selected, 0, static_cast<std::size_t>(panel.columns * stride) * sizeof(Real));
    for (std::ptrdiff_t k = 0; k < 2 * steps; ++k) {
        Real* row = panel.coefficients + order[k] * panel.columns;
        if (k < rank) {
            row[k] = 1;
            std::copy_n(scratch.columns + order[k] * stride, stride, scratch.selected + k * stride);
        } else {
            for (std::ptrdiff_t column = 0; column < rank; ++column)
                row[column] = static_cast<Real>(others(column, k - rank));
        }
    }
    const double bound = 512 * static_cast<double>(std::numeric_limits<Real>::epsilon());
    if (!(largest_error(scratch, panel, n, threads) <= bound)) return false;
    pack_panel(scratch.selected, row_stride<Real>(n), panel.columns, n, threads, panel.values);
    return true;
}

template <class Real>
bool fill(const State<Real>& state, const Conditions& conditions, const Timeline& timeline, std::ptrdiff_t steps,
          const SkeletonScratch<Real>& scratch, Panel<Real>& panel) {
    const std::ptrdiff_t n = state.n, stride = row_stride<Real>(n);
    const std::ptrdiff_t probe = std::min(kProbeSteps, steps);
    std::copy_n(state.phases, n, scratch.phases);
    const NodeRange nodes = all_nodes<Real>(n);
    look_ahead(state, conditions, timeline, 0, probe, nodes, scratch.phases, scratch.columns);
    const Factorization probed(sketch(scratch.columns, 2 * probe, n, 4 * probe, conditions.threads));
    if (static_cast<double>(rank_of<Real>(probed)) > kWorthwhile * static_cast<double>(2 * probe)) return false;

    look_ahead(state, conditions, timeline, probe, steps - probe, nodes, scratch.phases,
               scratch.columns + 2 * probe * stride);
    for (; steps >= kProbeSteps; steps /= 2)
        if (fill_from_columns(n, conditions.threads, steps, scratch, panel)) return true;
    return false;
}

}  // namespace

template <class Real>
bool fill_skeleton(const State<Real>& state, const Conditions& conditions, const Timeline& timeline,
                   std::ptrdiff_t steps, const SkeletonScratch<Real>& scratch, Panel<Real>& panel) noexcept {
    try {
        return fill(state, conditions, timeline, steps, scratch, panel);
    } catch (const std::exception&) {  // Eigen allocates
        return false;
    }
}

template bool fill_skeleton(const State<float>&, const Conditions&, const Timeline&, std::ptrdiff_t,
                            const SkeletonScratch<float>&, Panel<float>&) noexcept;
template bool fill_skeleton(const State<double>&, const Conditions&, const Timeline&, std::ptrdiff_t,
                            const SkeletonScratch<double>&, Panel<double>&) noexcept;

}  // namespace resonance::detail
