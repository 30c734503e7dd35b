//! The arrays of attention: where they lie, and how much memory it takes to go over them.
#pragma once

#include <cstddef>

namespace resonance {

//! Queries, keys, values and output of one head. Rows lie as AttentionLayout says; phases and mask are contiguous.
template <class Real>
struct AttentionHead {
    const Real* q;                            //!< queries, (n_queries, columns)
    const Real* k;                            //!< keys, (n_keys, columns)
    const Real* v;                            //!< values, (n_keys, value_columns)
    const double* phase_q;                    //!< phases of the queries [rad], (n_queries,), any finite value
    const double* phase_k;                    //!< phases of the keys [rad], (n_keys,), any finite value
    Real* out;                                //!< (n_queries, value_columns); shares no memory with the others
    const unsigned char* key_mask = nullptr;  //!< (n_keys,): 0 hides a key from all queries; null hides none
};

//! Shape and strides that all heads share. The elements of a row follow each other.
struct AttentionLayout {
    std::ptrdiff_t n_queries, n_keys, columns, value_columns;
    //! From one row to the next [elements]; may be 0 or negative.
    std::ptrdiff_t q_stride, k_stride, v_stride, out_stride;

    //! Rows that follow each other.
    static constexpr AttentionLayout contiguous(std::ptrdiff_t n_queries, std::ptrdiff_t n_keys, std::ptrdiff_t columns,
                                                std::ptrdiff_t value_columns) noexcept {
        return {n_queries, n_keys, columns, value_columns, columns, columns, value_columns, value_columns};
    }
};

struct AttentionSettings {
    double scale = 1;     //!< of the scores, finite; 1 as published, 1 / sqrt(columns) as transformers have it
    bool causal = false;  //!< query i sees keys up to i + n_keys - n_queries: the last query sees them all
};

namespace detail {

//! Queries for which keys and values are packed once, keys in a tile of them, and columns in a block, at most.
template <class Real>
inline constexpr std::ptrdiff_t kAttentionQueries = 2048 / static_cast<std::ptrdiff_t>(sizeof(Real));
inline constexpr std::ptrdiff_t kAttentionKeys = 96, kAttentionBlock = 8;

//! No size is larger: so all that is computed of sizes can be counted.
inline constexpr std::ptrdiff_t kAttentionLargest = 1'000'000'000'000;

constexpr bool attention_size_fits(std::ptrdiff_t size) { return size >= 0 && size < kAttentionLargest; }

//! Numbers of scratch that one thread needs.
template <class Real>
constexpr std::ptrdiff_t attention_scratch(std::ptrdiff_t columns, std::ptrdiff_t value_columns) {
    constexpr std::ptrdiff_t queries = kAttentionQueries<Real>, keys = kAttentionKeys;
    constexpr std::ptrdiff_t wide = 8 / sizeof(Real), group = 128 / sizeof(Real), line = 64 / sizeof(Real);
    constexpr std::ptrdiff_t pieces = 16;
    // Queries, keys, output and values; seven numbers a query; two a key, and its place; phases of either, with
    // cosines and sines; scores; and what rounds pieces up to lines.
    return (queries + keys) * (columns + value_columns + kAttentionBlock) + 7 * queries + (2 + wide) * keys +
           3 * wide * (queries > keys ? queries : keys) + keys * group + pieces * line;
}

}  // namespace detail
}  // namespace resonance
