// AVX-512 F, BW, CD, DQ, VL (x86-64-v4). 32 registers hold a tile of eight rows.
#define RESONANCE_VECTOR_BYTES 64
#define RESONANCE_TILE_ROWS 8
#define RESONANCE_PRODUCT_ROWS 8
#define RESONANCE_FACTOR_VECTORS 8
#include "bodies.hpp"
#include "tables.hpp"

namespace resonance::detail {
template <>
const Kernels<float> Tables<float>::avx512 = all_kernels<float>();
template <>
const Kernels<double> Tables<double>::avx512 = all_kernels<double>();
}  // namespace resonance::detail
