// What every machine of the architecture can run. 16 registers hold a tile of two rows.
#define RESONANCE_VECTOR_BYTES 16
#define RESONANCE_TILE_ROWS 2
#define RESONANCE_PRODUCT_ROWS 4
#define RESONANCE_FACTOR_VECTORS 4
#include "bodies.hpp"
#include "tables.hpp"

namespace resonance::detail {
template <>
const Kernels<float> Tables<float>::baseline = all_kernels<float>();
template <>
const Kernels<double> Tables<double>::baseline = all_kernels<double>();
}  // namespace resonance::detail
