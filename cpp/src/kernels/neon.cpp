// AArch64. 32 registers hold a tile of eight rows.
#define RESONANCE_VECTOR_BYTES 16
#define RESONANCE_TILE_ROWS 8
#define RESONANCE_PRODUCT_ROWS 8
#define RESONANCE_FACTOR_VECTORS 8
#include "bodies.hpp"
#include "tables.hpp"

namespace resonance::detail {
template <>
const Kernels<float> Tables<float>::neon = all_kernels<float>();
template <>
const Kernels<double> Tables<double>::neon = all_kernels<double>();
}  // namespace resonance::detail
