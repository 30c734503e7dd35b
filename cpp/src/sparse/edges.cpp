#include "edges.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../kernels/kernels.hpp"

namespace resonance::detail {
namespace {

//! A record is still in a near cache where the rows since its last use are so many bytes, with all their edges.
constexpr std::size_t kNearBytes = std::size_t{512} * 1024;

//! Whether `order` has each node once. `seen`: n flags of 0.
bool is_permutation(span<const std::int32_t> order, std::ptrdiff_t n, unsigned char* seen) noexcept {
    for (const std::int32_t node : order) {
        if (node < 0 || node >= n || seen[node] != 0) return false;
        seen[node] = 1;
    }
    return true;
}

Status check_order(span<const std::int32_t> order, std::ptrdiff_t n) noexcept {
    if (order.empty()) return Status::ok;
    if (order.size() != static_cast<std::size_t>(n)) return Status::invalid_size;
    auto* seen = static_cast<unsigned char*>(allocate_zeroed(static_cast<std::size_t>(n)));
    if (seen == nullptr) return Status::out_of_memory;
    const bool valid = is_permutation(order, n, seen);
    release(seen);
    return valid ? Status::ok : Status::invalid_value;
}

Status check_structure(span<const std::int64_t> row_starts, span<const std::int32_t> columns,
                       std::ptrdiff_t n) noexcept {
    const auto count = static_cast<std::int64_t>(columns.size());
    const std::int64_t* starts = row_starts.data();
    if (row_starts.size() != static_cast<std::size_t>(n) + 1 || starts[0] != 0 || starts[n] != count ||
        !std::is_sorted(row_starts.begin(), row_starts.end()))
        return Status::invalid_size;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        std::int32_t last = -1;
        for (std::int64_t e = starts[i]; e < starts[i + 1]; ++e) {
            const std::int32_t column = columns.data()[e];
            if (column < 0 || column >= n) return Status::invalid_node;
            if (column <= last) return Status::invalid_value;
            last = column;
        }
    }
    return Status::ok;
}

}  // namespace

template <class Real>
void Edges<Real>::carve(Carver& carver, std::size_t n) noexcept {
    const auto edges = static_cast<std::size_t>(count);
    carver.take(weights, edges);
    carver.take(row_starts, n + 1);
    carver.take(columns, edges + kEdgesAhead);
    carver.take(nodes, n);
    carver.take(places, n);
    carver.take(far_ones, 1);
}

template <class Real>
std::size_t edge_bytes(std::size_t n, std::size_t count) noexcept {
    Edges<Real> edges;
    edges.count = static_cast<std::int64_t>(count);
    Carver carver(nullptr);
    edges.carve(carver, n);
    return carver.used();
}

template <class Real>
Status check_graph(const Graph<Real>& graph, std::ptrdiff_t n) noexcept {
    if (n < 1 || n > std::numeric_limits<std::int32_t>::max() / kEdgeNumbers) return Status::invalid_size;
    if (!graph.weights.empty() && graph.weights.size() != graph.columns.size()) return Status::invalid_size;
    if (const Status status = check_structure(graph.row_starts, graph.columns, n); status != Status::ok) return status;
    const auto count = static_cast<std::ptrdiff_t>(graph.weights.size());
    if (!kernels<Real>().all_finite(graph.weights.data(), count)) return Status::non_finite;
    return check_order(graph.order, n);
}

template <class Real>
void Edges<Real>::fill(const Graph<Real>& graph) noexcept {
    const auto n = static_cast<std::ptrdiff_t>(graph.row_starts.size()) - 1;
    for (std::ptrdiff_t place = 0; place < n; ++place) {
        nodes[place] = graph.order.empty() ? static_cast<std::int32_t>(place) : graph.order.data()[place];
        places[nodes[place]] = static_cast<std::int32_t>(place);
    }
    const auto edges_of_row = static_cast<std::size_t>(count / n) + 1;
    const std::size_t bytes_of_row = kEdgeNumbers * sizeof(Real) + edges_of_row * (sizeof(Real) + sizeof(std::int32_t));
    const auto near = static_cast<std::ptrdiff_t>(kNearBytes / bytes_of_row);
    std::int64_t end = 0;
    *far_ones = 0;
    for (std::ptrdiff_t place = 0; place < n; ++place) {
        row_starts[place] = end;
        const std::int64_t* start = graph.row_starts.data() + nodes[place];
        for (std::int64_t e = start[0]; e < start[1]; ++e, ++end) {
            columns[end] = static_cast<std::int32_t>(kEdgeNumbers) * places[graph.columns.data()[e]];
            *far_ones += std::abs(columns[end] / kEdgeNumbers - place) > near ? 1 : 0;
            weights[end] = graph.weights.empty() ? Real(0) : graph.weights.data()[e];
        }
    }
    row_starts[n] = end;
    std::fill_n(columns + end, kEdgesAhead, 0);
}

template <class Real>
std::int64_t Edges<Real>::find(std::ptrdiff_t row, std::ptrdiff_t column) const noexcept RESONANCE_NONBLOCKING {
    std::int64_t low = row_starts[places[row]], end = row_starts[places[row] + 1];
    while (low < end) {
        const std::int64_t middle = low + (end - low) / 2;
        const std::int32_t found = source(middle);
        if (found == column) return middle;
        if (found < column)
            low = middle + 1;
        else
            end = middle;
    }
    return -1;
}

template <class Real>
void copy_edge_weights(const Edges<Real>& edges, std::ptrdiff_t n, span<const std::int64_t> rows,
                       span<const std::int64_t> columns, Real* block) noexcept {
    const auto all = static_cast<std::size_t>(n);
    const std::size_t row_count = rows.data() == nullptr ? all : rows.size();
    const std::size_t width = columns.data() == nullptr ? all : columns.size();
    for (std::size_t k = 0; k < row_count; ++k, block += width) {
        const std::ptrdiff_t row = rows.data() == nullptr ? static_cast<std::ptrdiff_t>(k) : rows[k];
        if (columns.data() == nullptr) {
            const std::int64_t* start = edges.row_starts + edges.places[row];
            std::fill_n(block, width, Real(0));
            for (std::int64_t e = start[0]; e < start[1]; ++e) block[edges.source(e)] = edges.weights[e];
            continue;
        }
        for (std::size_t j = 0; j < width; ++j) {
            const std::int64_t edge = edges.find(row, columns[j]);
            block[j] = edge < 0 ? Real(0) : edges.weights[edge];
        }
    }
}

#define RESONANCE_INSTANTIATE(Real)                                                               \
    template struct Edges<Real>;                                                                  \
    template std::size_t edge_bytes<Real>(std::size_t, std::size_t) noexcept;                     \
    template Status check_graph(const Graph<Real>&, std::ptrdiff_t) noexcept;                     \
    template void copy_edge_weights(const Edges<Real>&, std::ptrdiff_t, span<const std::int64_t>, \
                                    span<const std::int64_t>, Real*) noexcept;
RESONANCE_INSTANTIATE(float)
RESONANCE_INSTANTIATE(double)

}  // namespace resonance::detail
