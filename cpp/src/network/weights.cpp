#include "resonance/network.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "factored/factors.hpp"
#include "network/values.hpp"
#include "products.hpp"
#include "sparse/edges.hpp"
#include "sparse/pass.hpp"
#include "state.hpp"
#include "weights.hpp"

namespace resonance {

using detail::fits, detail::size;

template <class Real>
WeightStorage Network<Real>::weight_storage() const noexcept RESONANCE_NONBLOCKING {
    return state_.storage;
}

template <class Real>
const Real* Network<Real>::weights() const noexcept RESONANCE_NONBLOCKING {
    return state_.weights;
}

template <class Real>
std::ptrdiff_t Network<Real>::first_row() const noexcept RESONANCE_NONBLOCKING {
    return state_.first_row;
}

template <class Real>
std::ptrdiff_t Network<Real>::row_count() const noexcept RESONANCE_NONBLOCKING {
    return state_.row_count;
}

template <class Real>
std::ptrdiff_t Network<Real>::weight_stride() const noexcept RESONANCE_NONBLOCKING {
    return state_.stride;
}

template <class Real>
span<const Real> Network<Real>::weight_row(std::ptrdiff_t node) const noexcept RESONANCE_NONBLOCKING {
    return {state_.weight_row(node), size(n_nodes())};
}

template <class Real>
Status Network<Real>::copy_weights(span<const std::int64_t> rows, span<const std::int64_t> columns,
                                   span<Real> block) const noexcept {
    if (block.size() != rows.size() * columns.size()) return Status::invalid_size;
    for (const std::int64_t node : rows)
        if (!has(node)) return Status::invalid_node;
    for (const std::int64_t node : columns)
        if (!has(node)) return Status::invalid_node;
    if (!block.empty()) detail::copy_weights<Real>(state_, rows, columns, block.data());
    return Status::ok;
}

template <class Real>
template <class Source>
Status Network<Real>::set_weight_rows(std::ptrdiff_t first, span<const Source> rows) noexcept RESONANCE_NONBLOCKING {
    if (state_.storage != WeightStorage::dense) return Status::unavailable;
    const std::size_t n = size(n_nodes());
    if (first < state_.first_row || rows.size() % n != 0 ||
        size(first - state_.first_row) + rows.size() / n > size(state_.row_count))
        return Status::invalid_size;
    if (!fits<Real>(rows)) return Status::non_finite;
    Real* out = state_.weight_row(first);
    for (const Source* row = rows.begin(); row != rows.end(); row += n, out += state_.stride) {
        std::transform(row, row + n, out, [](Source x) { return static_cast<Real>(x); });
        std::fill(out + n, out + state_.columns, Real(0));  // an overflow may have left NaNs there
    }
    state_.sums_current = false;
    return Status::ok;
}

template <class Real>
Status Network<Real>::set_weight(std::ptrdiff_t row, std::ptrdiff_t column,
                                 Real weight) noexcept RESONANCE_NONBLOCKING {
    if (state_.storage == WeightStorage::factored) return Status::unavailable;
    if (!has(row) || !has(column)) return Status::invalid_node;
    const bool sparse = state_.storage == WeightStorage::sparse;
    const std::int64_t edge = sparse ? state_.edges.find(row, column) : 0;
    if (edge < 0) return Status::invalid_node;
    if (!std::isfinite(weight)) return Status::non_finite;
    if (!sparse && !state_.has_row(row)) return Status::ok;
    Real& place = sparse ? state_.edges.weights[edge] : state_.weight_row(row)[column];
    detail::change_weight(state_, place, row, column, weight);
    return Status::ok;
}

template <class Real>
std::int64_t Network<Real>::n_edges() const noexcept RESONANCE_NONBLOCKING {
    return state_.edges.count;
}

template <class Real>
Status Network<Real>::copy_edge_weights(std::int64_t first, span<Real> weights) const noexcept {
    const auto count = static_cast<std::int64_t>(weights.size());
    if (first < 0 || first > n_edges() || count > n_edges() - first) return Status::invalid_size;
    Real* out = weights.data();
    detail::for_edges(state_.edges, n_nodes(), first, count,
                      [&](const Real* part, std::int64_t length) { out = std::copy_n(part, length, out); });
    return Status::ok;
}

template <class Real>
template <class Source>
Status Network<Real>::set_edge_weights(span<const Source> weights) noexcept RESONANCE_NONBLOCKING {
    if (state_.storage != WeightStorage::sparse) return Status::unavailable;
    if (weights.size() != static_cast<std::size_t>(n_edges())) return Status::invalid_size;
    if (!fits<Real>(weights)) return Status::non_finite;
    const Source* from = weights.data();
    detail::for_edges(state_.edges, n_nodes(), 0, n_edges(), [&](Real* part, std::int64_t length) {
        for (std::int64_t k = 0; k < length; ++k) part[k] = static_cast<Real>(*from++);
    });
    state_.sums_current = false;
    return Status::ok;
}

template <class Real>
FactoredWeights<Real> Network<Real>::factors() const noexcept RESONANCE_NONBLOCKING {
    return state_.factors == nullptr ? FactoredWeights<Real>() : state_.factors->view();
}

template <class Real>
Status Network<Real>::set_factors(const FactoredWeights<Real>& factors) noexcept {
    if (const Status status = check_factors(factors); status != Status::ok) return status;
    if (const Status status = state_.factors->set(factors); status != Status::ok) return status;
    state_.sums_current = false;
    return Status::ok;
}

template <class Real>
Status Network<Real>::check_factors(const FactoredWeights<Real>& factors) const noexcept {
    return state_.factors == nullptr ? Status::unavailable : state_.factors->check(factors);
}

template <class Real>
std::ptrdiff_t Network<Real>::max_rank() const noexcept RESONANCE_NONBLOCKING {
    return state_.factors == nullptr ? 0 : 2 * state_.factors->most_pairs();
}

template <class Real>
std::ptrdiff_t Network<Real>::compressed_rank() const noexcept RESONANCE_NONBLOCKING {
    return state_.factors == nullptr ? 0 : 2 * state_.factors->largest_count();
}

template <class Real>
std::ptrdiff_t Network<Real>::rank() const noexcept RESONANCE_NONBLOCKING {
    return state_.factors == nullptr ? 0 : 2 * state_.factors->count();
}

template <class Real>
WeightError Network<Real>::weight_error() const noexcept {
    return state_.factors == nullptr ? WeightError() : state_.factors->error(threads());
}

template class Network<float>;
template class Network<double>;
template Status Network<float>::set_edge_weights(span<const float>) noexcept RESONANCE_NONBLOCKING;
template Status Network<float>::set_edge_weights(span<const double>) noexcept RESONANCE_NONBLOCKING;
template Status Network<double>::set_edge_weights(span<const float>) noexcept RESONANCE_NONBLOCKING;
template Status Network<double>::set_edge_weights(span<const double>) noexcept RESONANCE_NONBLOCKING;
template Status Network<float>::set_weight_rows(std::ptrdiff_t, span<const float>) noexcept RESONANCE_NONBLOCKING;
template Status Network<float>::set_weight_rows(std::ptrdiff_t, span<const double>) noexcept RESONANCE_NONBLOCKING;
template Status Network<double>::set_weight_rows(std::ptrdiff_t, span<const float>) noexcept RESONANCE_NONBLOCKING;
template Status Network<double>::set_weight_rows(std::ptrdiff_t, span<const double>) noexcept RESONANCE_NONBLOCKING;

}  // namespace resonance
