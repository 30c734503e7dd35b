#include "weights.hpp"

#include <algorithm>

#include "engines/factored.hpp"
#include "factored/factors.hpp"
#include "kernels/kernels.hpp"
#include "parallel.hpp"
#include "products.hpp"
#include "sparse/pass.hpp"

namespace resonance::detail {

template <class Real>
void take_products(State<Real>& state, int threads) noexcept RESONANCE_NONBLOCKING {
    if (state.storage == WeightStorage::factored) return take_factored_products(state, threads);
    if (state.storage == WeightStorage::sparse) return take_edge_products(state, threads);
    const Kernels<Real>& kernel = kernels<Real>();
    for_row_ranges(state.row_count, kernel.row_granule, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        kernel.resonance(state.weights, {first, last, state.columns, state.stride}, products_of_rows(state));
    });
}

template <class Real>
void copy_weights(const State<Real>& state, span<const std::int64_t> rows, span<const std::int64_t> columns,
                  Real* block) noexcept {
    if (state.storage == WeightStorage::factored) return state.factors->copy_weights(rows, columns, block);
    if (state.storage == WeightStorage::sparse) return copy_edge_weights(state.edges, state.n, rows, columns, block);
    const std::ptrdiff_t n = state.n, count = rows.data() == nullptr ? n : static_cast<std::ptrdiff_t>(rows.size());
    for (std::ptrdiff_t k = 0; k < count; ++k) {
        const std::int64_t node = rows.data() == nullptr ? k : rows[static_cast<std::size_t>(k)];
        if (!state.has_row(node)) {
            block = std::fill_n(block, columns.data() == nullptr ? n : static_cast<std::ptrdiff_t>(columns.size()),
                                Real(0));
            continue;
        }
        const Real* row = state.weight_row(node);
        if (columns.data() == nullptr) {
            block = std::copy_n(row, n, block);
        } else {
            for (const std::int64_t column : columns) *block++ = row[column];
        }
    }
}

#define RESONANCE_INSTANTIATE(Real)                                                \
    template void take_products(State<Real>&, int) noexcept RESONANCE_NONBLOCKING; \
    template void copy_weights(const State<Real>&, span<const std::int64_t>, span<const std::int64_t>, Real*) noexcept;
RESONANCE_INSTANTIATE(float)
RESONANCE_INSTANTIATE(double)

}  // namespace resonance::detail
