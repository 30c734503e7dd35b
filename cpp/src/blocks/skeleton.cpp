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

//! Who makes a panel: the ranks, each with its own nodes and some threads.
struct Team {
    NodeRange nodes;
    int threads;
    AllRanks& ranks;
};

//! +1 or -1 for each node: the high bit of SplitMix64.
double sign_of(std::ptrdiff_t node) noexcept {
    std::uint64_t x = (static_cast<std::uint64_t>(node) + 1) * 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
    return (x >> 63U) != 0 ? 1 : -1;
}

//! Each row is the sum of a group of nodes with random signs: (sketch rows, count), column after column. Of all ranks'
//! nodes.
template <class Real>
Eigen::Map<Eigen::MatrixXd> sketch(const SkeletonScratch<Real>& scratch, std::ptrdiff_t count, std::ptrdiff_t n,
                                   std::ptrdiff_t sketch_rows, const Team& team) noexcept {
    const std::ptrdiff_t stride = row_stride<Real>(n);
    sketch_rows = std::min(sketch_rows, n);
    for (std::ptrdiff_t i = team.nodes.first; i < team.nodes.last; ++i) scratch.signs[i] = sign_of(i);
    for_row_ranges(count, 1, team.threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        for (std::ptrdiff_t row = first; row < last; ++row)
            for (std::ptrdiff_t group = 0; group < sketch_rows; ++group) {
                double sum = 0;
                const std::ptrdiff_t begin = std::max(group * n / sketch_rows, team.nodes.first);
                const std::ptrdiff_t end = std::min((group + 1) * n / sketch_rows, team.nodes.last);
                for (std::ptrdiff_t i = begin; i < end; ++i)
                    sum += scratch.signs[i] * static_cast<double>(scratch.columns[row * stride + i]);
                scratch.sketch[row * sketch_rows + group] = sum;
            }
    });
    team.ranks.sum(scratch.sketch, count * sketch_rows);
    return {scratch.sketch, sketch_rows, count};
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
                     const Team& team) noexcept {
    const std::ptrdiff_t stride = row_stride<Real>(n), count = 2 * panel.steps;
    std::atomic<double> largest{0};
    for_node_chunks(team.nodes, team.threads, [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t end) {
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
    double error = largest.load();
    team.ranks.take_largest(&error, 1);
    return error;
}

//! Which of the first `steps` steps' columns are selected, and all from these. False where these are too many.
template <class Real>
bool select(const SkeletonScratch<Real>& scratch, const Factorization& factorization, std::ptrdiff_t n,
            std::ptrdiff_t steps, const NodeRange& nodes, Panel<Real>& panel) {
    const std::ptrdiff_t stride = row_stride<Real>(n), rank = rank_of<Real>(factorization);
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
    for (std::ptrdiff_t k = rank; k < panel.columns; ++k)
        std::fill(scratch.selected + k * stride + nodes.first, scratch.selected + k * stride + nodes.end, Real(0));
    for (std::ptrdiff_t k = 0; k < 2 * steps; ++k) {
        Real* row = panel.coefficients + order[k] * panel.columns;
        if (k < rank) {
            row[k] = 1;
            std::copy(scratch.columns + order[k] * stride + nodes.first,
                      scratch.columns + order[k] * stride + nodes.end, scratch.selected + k * stride + nodes.first);
        } else {
            for (std::ptrdiff_t column = 0; column < rank; ++column)
                row[column] = static_cast<Real>(others(column, k - rank));
        }
    }
    return true;
}

//! Whether some work, which takes memory, was done by all ranks.
template <class Work>
bool all_can(AllRanks& ranks, const Work& work) noexcept {
    bool done = false;
    try {
        done = work();
    } catch (const std::exception&) {  // Eigen allocates
        done = false;
    }
    return !ranks.any(!done);
}

//! A panel for the first `steps` steps of scratch.columns; false where that takes too many columns.
template <class Real>
bool fill_from_columns(const State<Real>& state, const Team& team, std::ptrdiff_t steps, bool everybody,
                       const SkeletonScratch<Real>& scratch, Panel<Real>& panel) noexcept {
    const std::ptrdiff_t n = state.n, stride = row_stride<Real>(n);
    const auto sketched = sketch(scratch, 2 * steps, n, 2 * kMostColumns, team);
    if (!all_can(team.ranks, [&] { return select(scratch, Factorization(sketched), n, steps, team.nodes, panel); }))
        return false;
    const double bound = 512 * static_cast<double>(std::numeric_limits<Real>::epsilon());
    if (!(largest_error(scratch, panel, n, team) <= bound)) return false;
    const NodeRange wanted = everybody ? all_nodes<Real>(n) : team.nodes;
    for (std::ptrdiff_t k = 0; k < panel.columns && everybody && state.is_shard(); ++k)
        if (!state.exchange.gather(state.exchange.context, scratch.selected + k * stride, sizeof(Real)))
            team.ranks.fail();
    panel.kernels = &kernels<Real>();
    pack_panel(*panel.kernels, scratch.selected, stride, panel.columns, n, wanted, team.threads, panel.values);
    return true;
}

}  // namespace

template <class Real>
bool fill_skeleton(const State<Real>& state, const Conditions& conditions, const Timeline& timeline,
                   std::ptrdiff_t steps, bool everybody, const SkeletonScratch<Real>& scratch, AllRanks& ranks,
                   Panel<Real>& panel) noexcept {
    const std::ptrdiff_t n = state.n, stride = row_stride<Real>(n), probe = std::min(kProbeSteps, steps);
    const Team team{state.own_nodes(), conditions.threads, ranks};
    std::copy_n(state.phases, n, scratch.phases);
    look_ahead(state, conditions, timeline, 0, probe, team.nodes, scratch.phases, scratch.columns);
    const auto probed = sketch(scratch, 2 * probe, n, 4 * probe, team);
    if (!all_can(ranks, [&] {
            return static_cast<double>(rank_of<Real>(Factorization(probed))) <=
                   kWorthwhile * static_cast<double>(2 * probe);
        }))
        return false;

    look_ahead(state, conditions, timeline, probe, steps - probe, team.nodes, scratch.phases,
               scratch.columns + 2 * probe * stride);
    for (; steps >= kProbeSteps; steps /= 2)
        if (fill_from_columns(state, team, steps, everybody, scratch, panel)) return true;
    return false;
}

template bool fill_skeleton(const State<float>&, const Conditions&, const Timeline&, std::ptrdiff_t, bool,
                            const SkeletonScratch<float>&, AllRanks&, Panel<float>&) noexcept;
template bool fill_skeleton(const State<double>&, const Conditions&, const Timeline&, std::ptrdiff_t, bool,
                            const SkeletonScratch<double>&, AllRanks&, Panel<double>&) noexcept;

}  // namespace resonance::detail
