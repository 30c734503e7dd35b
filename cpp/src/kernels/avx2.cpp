// AVX2 and FMA (x86-64-v3). 16 registers hold a tile of four rows.
#define RESONANCE_VECTOR_BYTES 32
#define RESONANCE_TILE_ROWS 4
#define RESONANCE_PRODUCT_ROWS 6
#define RESONANCE_FACTOR_VECTORS 4
#include "bodies.hpp"
#include "tables.hpp"

namespace resonance::detail {
template <>
const Kernels<float> Tables<float>::avx2 = all_kernels<float>();
template <>
const Kernels<double> Tables<double>::avx2 = all_kernels<double>();
}  // namespace resonance::detail
