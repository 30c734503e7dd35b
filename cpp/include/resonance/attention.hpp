//! Attention through phase alignment: ordinary attention whose scores are multiplied by the coherence of query and key.
//!
//!     scores_ij = scale (sum_c q_ic k_jc) cos(phase_q_i - phase_k_j)
//!     out_i     = sum_j exp(scores_ij) v_j / sum_j exp(scores_ij)       over the keys that query i sees
//!
//! The scores never stand in memory: keys go by in tiles, with running maxima and sums (Milakov and Gimelshein 2018,
//! "Online normalizer calculation for softmax"), so beside its arrays a call needs a few hundred KiB a thread.
#pragma once

#include <cstddef>

#include "resonance/attention_arrays.hpp"
#include "resonance/export.hpp"
#include "resonance/interrupt.hpp"
#include "resonance/nonblocking.hpp"
#include "resonance/span.hpp"
#include "resonance/status.hpp"

namespace resonance {

//! Bytes of a workspace for `threads` threads, as a constant expression: for static buffers. 0 where a number is
//! negative or beyond all memory.
template <class Real>
constexpr std::size_t attention_workspace_size(std::ptrdiff_t columns, std::ptrdiff_t value_columns, int threads = 1) {
    constexpr std::size_t line = 64;
    if (!detail::attention_size_fits(columns) || !detail::attention_size_fits(value_columns) || threads < 0) return 0;
    const std::size_t scratch =
        static_cast<std::size_t>(detail::attention_scratch<Real>(columns, value_columns)) * sizeof(Real);
    return (scratch + line - 1) / line * line * static_cast<std::size_t>(threads) + line;
}

//! Attention of every head, for float and double.
//!
//! A query that sees no key gets zeros. What the mask hides is never read. Outputs have the same bits for any number of
//! threads. Nothing is allocated, and with one thread nothing waits: such a call may stand in a control loop.
//!
//! @param heads      Arrays of each head. Heads may share inputs, not outputs.
//! @param workspace  Scratch of any alignment, attention_workspace_size bytes. As many threads take part as it has room
//!                   for.
//! @param threads    At most so many; 0: one where there is little to do, else num_threads().
//! @return invalid_size for a negative size or a workspace without room for one thread; invalid_value for a scale that
//!         is not finite; non_finite for a NaN or an infinity in what is read: all of it is looked at before anything
//!         is written; overflow where scores are beyond the range of Real: outputs of such queries are not finite, the
//!         others are right.
template <class Real>
RESONANCE_API Status phase_attention(span<const AttentionHead<Real>> heads, const AttentionLayout& layout,
                                     const AttentionSettings& settings, span<std::byte> workspace,
                                     int threads = 1) noexcept RESONANCE_NONBLOCKING;

//! The same, and asks every few ten milliseconds whether to stop: then it returns interrupted, with outputs in part.
template <class Real>
RESONANCE_API Status phase_attention(span<const AttentionHead<Real>> heads, const AttentionLayout& layout,
                                     const AttentionSettings& settings, span<std::byte> workspace, int threads,
                                     Interrupt interrupt) noexcept;

}  // namespace resonance
