//! Attention through phase alignment, for some queries and all keys of one head, without the matrix of scores.
//!
//! Queries lie across the lanes of registers: two registers are a group. So scores (keys x queries of a group), their
//! maxima and sums, and the output (columns of V x queries) are all made of whole registers, nothing is ever summed
//! across lanes, and what a query gets depends neither on its neighbours nor on how queries are shared among threads.
//!
//! Keys and values go by in tiles of kAttentionKeys, each packed once for all groups. A group's queries, scores and
//! output stay in the first-level cache while it takes in a tile; the tile stays in the second.
#pragma once

#include "attention_packing.hpp"
#include "attention_tiles.hpp"
#include "kernels.hpp"
#include "vec.hpp"

namespace resonance::detail {
namespace {

//! Divides by the sums, and writes rows. False where one is not finite.
template <class Real>
RESONANCE_INLINE bool store_output(const AttentionHead<Real>& head, const AttentionLayout& layout, std::ptrdiff_t first,
                                   std::ptrdiff_t count, Real value_scale, const AttentionScratch<Real>& scratch) {
    Real zero_if_finite = 0;
    for_groups<Real>(count, [&](std::ptrdiff_t begin, std::ptrdiff_t present, std::ptrdiff_t width) {
        const QueryGroup<Real> group = scratch.group(begin);
        for (std::ptrdiff_t lane = 0; lane < present; ++lane) {
            Real* row = head.out + (first + begin + lane) * layout.out_stride;
            // Who has seen no key divides zeros by one. Who has, and has a sum of zero, has seen scores below the range
            // of Real alone: 0 / 0 says so.
            const Real divisor = scratch.seen[begin + lane] == 0 ? Real(1) : group.sums[lane];
            const Real checked = Real(1) / divisor;
            zero_if_finite += checked * Real(0);
            for (std::ptrdiff_t column = 0; column < layout.value_columns; ++column) {
                // In other units than 1, only what is not finite in these is taken: an output depends on its own sum
                // alone, and not on what else stands in the piece.
                if (value_scale == 1 || row[column] * Real(0) != 0)
                    row[column] = group.output[column * width + lane] / divisor / value_scale;
                zero_if_finite += row[column] * Real(0);
            }
        }
    });
    return zero_if_finite == 0;
}

template <class Real>
bool attend(const AttentionHead<Real>& head, const AttentionLayout& layout, const AttentionSettings& settings,
            std::ptrdiff_t first, std::ptrdiff_t last, Real value_scale, Real* memory) noexcept RESONANCE_NONBLOCKING {
    const std::ptrdiff_t count = last - first;
    AttentionScratch<Real> scratch(layout, memory);
    pack_queries(head, layout, settings.scale, first, count, scratch);
    // Behind the last key that any of these queries sees.
    const std::ptrdiff_t end = settings.causal ? last + layout.n_keys - layout.n_queries : layout.n_keys;
    for (std::ptrdiff_t key = 0; key < end;) {
        key = pack_keys(head, layout, key, end, value_scale, scratch);
        see_keys(layout, settings.causal, first, count, scratch);
        for_groups<Real>(count, [&](std::ptrdiff_t begin, std::ptrdiff_t present, std::ptrdiff_t width) {
            const QueryGroup<Real> group = scratch.group(begin);
            const auto least = static_cast<std::ptrdiff_t>(group.visible[0]);
            const auto most = static_cast<std::ptrdiff_t>(group.visible[present - 1]);
            if (most == 0) return;
            if (width == Vec<Real>::lanes)
                attend_tile<Real, 1>(scratch.tile, group, least, most, scratch.scores);
            else
                attend_tile<Real, kGroupRegisters>(scratch.tile, group, least, most, scratch.scores);
        });
    }
    return store_output(head, layout, first, count, value_scale, scratch);
}

}  // namespace
}  // namespace resonance::detail
