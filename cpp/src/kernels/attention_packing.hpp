//! How attention lays out queries, keys and values for its passes: masked keys left out, rows of any stride brought
//! together, and numbers that are broadcast for one block of a pass beside each other.
#pragma once

#include "attention_tiles.hpp"
#include "kernels.hpp"
#include "nodes.hpp"
#include "vec.hpp"

namespace resonance::detail {
namespace {

constexpr int kGroupRegisters = 2;

constexpr std::ptrdiff_t whole_blocks(std::ptrdiff_t n) {
    return (n + RESONANCE_PRODUCT_ROWS - 1) / RESONANCE_PRODUCT_ROWS * RESONANCE_PRODUCT_ROWS;
}

//! The scratch of a call, in pieces of whole lines.
template <class Real>
struct AttentionScratch {
    QueryGroup<Real> queries;  //!< all of them
    KeyTile<Real> tile;
    Real* scores;
    double *phases, *cosines, *sines;
    Real* seen;              //!< 0 where a query has not seen a key
    std::ptrdiff_t* places;  //!< of the tile's keys among all

    RESONANCE_INLINE AttentionScratch(const AttentionLayout& layout, Real* memory) {
        constexpr std::ptrdiff_t most = kAttentionQueries<Real>;
        constexpr std::ptrdiff_t nodes = most > kAttentionKeys ? most : kAttentionKeys;
        constexpr std::ptrdiff_t wide = 8 / static_cast<std::ptrdiff_t>(sizeof(Real));  // Reals in a double
        static_assert(kAttentionKeys % RESONANCE_PRODUCT_ROWS == 0 && RESONANCE_PRODUCT_ROWS <= kAttentionBlock);
        static_assert(most % (kGroupRegisters * Vec<Real>::lanes) == 0 && sizeof(std::ptrdiff_t) <= sizeof(double));
        const auto take = [&memory](std::ptrdiff_t count) {
            constexpr std::ptrdiff_t line = 64 / sizeof(Real);
            Real* piece = memory;
            memory += (count + line - 1) / line * line;
            return piece;
        };
        const std::ptrdiff_t value_columns = whole_blocks(layout.value_columns);
        queries.queries = take(most * layout.columns);
        queries.cosines = take(most);
        queries.sines = take(most);
        queries.maxima = take(most);
        queries.sums = take(most);
        queries.visible = take(most);
        seen = take(most);
        queries.output = take(most * value_columns);
        tile.keys = take(kAttentionKeys * layout.columns);
        tile.cosines = take(kAttentionKeys);
        tile.sines = take(kAttentionKeys);
        tile.values = take(kAttentionKeys * value_columns);
        tile.columns = layout.columns;
        tile.value_columns = layout.value_columns;
        scores = take(kAttentionKeys * kGroupRegisters * Vec<Real>::lanes);
        phases = reinterpret_cast<double*>(take(nodes * wide));
        cosines = reinterpret_cast<double*>(take(nodes * wide));
        sines = reinterpret_cast<double*>(take(nodes * wide));
        places = reinterpret_cast<std::ptrdiff_t*>(take(kAttentionKeys * wide));
    }

    //! The group that begins with the query at `begin`.
    RESONANCE_INLINE QueryGroup<Real> group(std::ptrdiff_t begin) const {
        return {queries.queries + begin * tile.columns,
                queries.cosines + begin,
                queries.sines + begin,
                queries.maxima + begin,
                queries.sums + begin,
                queries.output + begin * whole_blocks(tile.value_columns),
                queries.visible + begin};
    }
};

//! Calls body(begin, present, width) for each group of `count` queries: `present` of them from `begin` on, in as many
//! registers as they need, `width` lanes.
template <class Real, class Body>
RESONANCE_INLINE void for_groups(std::ptrdiff_t count, const Body& body) {
    constexpr std::ptrdiff_t lanes = Vec<Real>::lanes, whole = kGroupRegisters * lanes;
    for (std::ptrdiff_t begin = 0; begin < count; begin += whole) {
        const std::ptrdiff_t present = count - begin < whole ? count - begin : whole;
        body(begin, present, present <= lanes ? lanes : whole);
    }
}

template <class Real>
inline constexpr Real kLowest = 0;
template <>
inline constexpr double kLowest<double> = -0x1.fffffffffffffp1023;
template <>
inline constexpr float kLowest<float> = -0x1.fffffep127F;

//! Queries and their phases, and a softmax that has seen no key yet. Lanes without a query are zeros.
template <class Real>
RESONANCE_INLINE void pack_queries(const AttentionHead<Real>& head, const AttentionLayout& layout, double scale,
                                   std::ptrdiff_t first, std::ptrdiff_t count, const AttentionScratch<Real>& scratch) {
    constexpr double log2_e = 0x1.71547652b82fep+0;
    const double factor = scale * log2_e;
    cosines_and_sines<double>(head.phase_q + first, count, scratch.cosines, scratch.sines);
    for_groups<Real>(count, [&](std::ptrdiff_t begin, std::ptrdiff_t present, std::ptrdiff_t width) {
        const QueryGroup<Real> group = scratch.group(begin);
        for (std::ptrdiff_t lane = 0; lane < width; ++lane) {
            const bool exists = lane < present;
            const Real* row = head.q + (first + begin + (exists ? lane : 0)) * layout.q_stride;
            for (std::ptrdiff_t column = 0; column < layout.columns; ++column)
                group.queries[column * width + lane] = exists ? row[column] : Real(0);
            group.cosines[lane] = exists ? static_cast<Real>(factor * scratch.cosines[begin + lane]) : Real(0);
            group.sines[lane] = exists ? static_cast<Real>(factor * scratch.sines[begin + lane]) : Real(0);
            group.maxima[lane] = kLowest<Real>;
            group.sums[lane] = 0;
            scratch.seen[begin + lane] = 0;
        }
        const std::ptrdiff_t outputs = whole_blocks(layout.value_columns) * width;
        for (std::ptrdiff_t k = 0; k < outputs; ++k) group.output[k] = 0;
    });
}

//! Chooses the next keys that the mask leaves, from `key` on and before `end`. Returns where the one behind them is.
template <class Real>
RESONANCE_INLINE std::ptrdiff_t choose_keys(const AttentionHead<Real>& head, std::ptrdiff_t key, std::ptrdiff_t end,
                                            AttentionScratch<Real>& scratch) {
    std::ptrdiff_t count = 0;
    for (; key < end && count < kAttentionKeys; ++key) {
        if (head.key_mask != nullptr && head.key_mask[key] == 0) continue;
        scratch.places[count] = key;
        scratch.phases[count] = head.phase_k[key];
        ++count;
    }
    scratch.tile.count = count;
    return key;
}

//! The tile of keys and values from `key` on. Zeros fill the last block.
template <class Real>
RESONANCE_INLINE std::ptrdiff_t pack_keys(const AttentionHead<Real>& head, const AttentionLayout& layout,
                                          std::ptrdiff_t key, std::ptrdiff_t end, Real value_scale,
                                          AttentionScratch<Real>& scratch) {
    constexpr std::ptrdiff_t rows = RESONANCE_PRODUCT_ROWS;
    key = choose_keys(head, key, end, scratch);
    const KeyTile<Real>& tile = scratch.tile;
    cosines_and_sines<double>(scratch.phases, tile.count, scratch.cosines, scratch.sines);
    for (std::ptrdiff_t row = 0; row < whole_blocks(tile.count); ++row) {
        const bool exists = row < tile.count;
        tile.cosines[row] = exists ? static_cast<Real>(scratch.cosines[row]) : Real(0);
        tile.sines[row] = exists ? static_cast<Real>(scratch.sines[row]) : Real(0);

        const Real* from = head.k + (exists ? scratch.places[row] : 0) * layout.k_stride;
        Real* to = tile.keys + row / rows * rows * layout.columns + row % rows;
        for (std::ptrdiff_t column = 0; column < layout.columns; ++column)
            to[column * rows] = exists ? from[column] : Real(0);

        from = head.v + (exists ? scratch.places[row] : 0) * layout.v_stride;
        to = tile.values + row * rows;
        for (std::ptrdiff_t column = 0; column < layout.value_columns; column += rows)
            for (std::ptrdiff_t r = 0; r < rows; ++r)
                to[column * kAttentionKeys + r] =
                    exists && column + r < layout.value_columns ? value_scale * from[column + r] : Real(0);
    }
    return key;
}

//! How many keys of the tile each query sees: in causal attention those up to its own place, else all.
template <class Real>
RESONANCE_INLINE void see_keys(const AttentionLayout& layout, bool causal, std::ptrdiff_t first, std::ptrdiff_t count,
                               const AttentionScratch<Real>& scratch) {
    const std::ptrdiff_t keys = scratch.tile.count;
    std::ptrdiff_t visible = causal ? 0 : keys;
    for_groups<Real>(count, [&](std::ptrdiff_t begin, std::ptrdiff_t present, std::ptrdiff_t width) {
        for (std::ptrdiff_t query = begin; query < begin + width; ++query) {
            // Lanes without a query see what the last one does.
            const std::ptrdiff_t place = first + query + layout.n_keys - layout.n_queries;
            while (query < begin + present && visible < keys && scratch.places[visible] <= place) ++visible;
            scratch.queries.visible[query] = static_cast<Real>(visible);
            scratch.seen[query] += static_cast<Real>(visible);
        }
    });
}

}  // namespace
}  // namespace resonance::detail
