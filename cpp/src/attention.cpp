#include "resonance/attention.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>

#include "kernels/kernels.hpp"
#include "parallel.hpp"
#include "resonance/storage.hpp"

namespace resonance {
namespace {

using detail::for_row_ranges;
using detail::kernels;

//! Multiply-adds below which one thread serves: what takes some 50 microseconds, a few times as long as to wake others.
constexpr double kParallelWork = 2e6;

//! Pieces that a thread gets at least, where there are enough queries: who is late makes the others wait for one.
constexpr std::ptrdiff_t kPiecesPerThread = 4;

//! More than there are keys in any machine.
template <class Real>
constexpr Real kSmallUnits = Real(0x1p-40F);

//! Multiply-adds of a piece at most, where it can be made smaller: about half a second, for who asks whether to stop.
constexpr double kPieceWork = 2e10;

bool countable(const AttentionLayout& layout) noexcept {
    return detail::attention_size_fits(layout.n_queries) && detail::attention_size_fits(layout.n_keys) &&
           detail::attention_size_fits(layout.columns) && detail::attention_size_fits(layout.value_columns);
}

template <class Real>
bool rows_finite(const Real* rows, std::ptrdiff_t count, std::ptrdiff_t columns, std::ptrdiff_t stride,
                 const unsigned char* mask) noexcept {
    const auto& kernel = kernels<Real>();
    if (mask == nullptr && stride == columns) return kernel.all_finite(rows, count * columns);
    for (std::ptrdiff_t row = 0; row < count; ++row)
        if ((mask == nullptr || mask[row] != 0) && !kernel.all_finite(rows + row * stride, columns)) return false;
    return true;
}

//! Whether all that is read of a head is finite. What `last` has as well has been looked at; it may be null.
template <class Real>
bool head_finite(const AttentionHead<Real>& head, const AttentionHead<Real>* last,
                 const AttentionLayout& layout) noexcept {
    const unsigned char* mask = head.key_mask;
    const std::ptrdiff_t queries = layout.n_queries, keys = layout.n_keys;
    const bool old_mask = last != nullptr && last->key_mask == mask;
    if (!(last != nullptr && last->q == head.q) &&
        !rows_finite(head.q, queries, layout.columns, layout.q_stride, nullptr))
        return false;
    if (!(old_mask && last->k == head.k) && !rows_finite(head.k, keys, layout.columns, layout.k_stride, mask))
        return false;
    if (!(old_mask && last->v == head.v) && !rows_finite(head.v, keys, layout.value_columns, layout.v_stride, mask))
        return false;
    if (!(last != nullptr && last->phase_q == head.phase_q) && !rows_finite(head.phase_q, queries, 1, 1, nullptr))
        return false;
    return (old_mask && last->phase_k == head.phase_k) || rows_finite(head.phase_k, keys, 1, 1, mask);
}

//! Threads for so much work, of which each needs `bytes` of the workspace.
template <class Real>
int threads_for(std::size_t heads, const AttentionLayout& layout, int wanted, std::size_t room) noexcept {
    const double work = static_cast<double>(heads) * static_cast<double>(layout.n_queries) *
                        static_cast<double>(layout.n_keys) * static_cast<double>(layout.columns + layout.value_columns);
    if (wanted == 1 || (wanted == 0 && work < kParallelWork)) return 1;
    return static_cast<int>(std::min(static_cast<std::size_t>(num_threads(wanted)), room));
}

//! Queries that are attended at once: as many as `attend` can, unless threads would go without or it would take long.
template <class Real>
std::ptrdiff_t piece_size(std::size_t heads, const AttentionLayout& layout, int threads) noexcept {
    const std::ptrdiff_t granule = kernels<Real>().query_granule;
    const auto whole = [granule](std::ptrdiff_t size) { return (size + granule - 1) / granule * granule; };
    const double one = static_cast<double>(layout.n_keys) * static_cast<double>(layout.columns + layout.value_columns);
    const double most = std::min(static_cast<double>(detail::kAttentionQueries<Real>), kPieceWork / std::max(one, 1.0));
    std::ptrdiff_t size = detail::kAttentionQueries<Real>;
    if (threads > 1) {
        const auto wanted =
            (kPiecesPerThread * threads + static_cast<std::ptrdiff_t>(heads) - 1) / static_cast<std::ptrdiff_t>(heads);
        size = std::min(size, whole(layout.n_queries / wanted));
    }
    return std::max(granule, std::min(size, static_cast<std::ptrdiff_t>(most) / granule * granule));
}

template <class Real, class Stop>
Status attend_heads(span<const AttentionHead<Real>> heads, const AttentionLayout& layout,
                    const AttentionSettings& settings, span<std::byte> workspace, int threads,
                    const Stop& stop) noexcept {
    if (!countable(layout)) return Status::invalid_size;
    if (!std::isfinite(settings.scale)) return Status::invalid_value;
    constexpr std::size_t line = detail::kVectorAlignment;
    const std::size_t scratch = attention_workspace_size<Real>(layout.columns, layout.value_columns) - line;
    if (workspace.size() < scratch + line) return Status::invalid_size;
    const auto address = reinterpret_cast<std::uintptr_t>(workspace.data());
    std::byte* memory = workspace.data() + (line - address % line) % line;
    if (heads.empty() || layout.n_queries == 0) return Status::ok;
    threads = threads_for<Real>(heads.size(), layout, threads, (workspace.size() - line) / scratch);

    const auto count = static_cast<std::ptrdiff_t>(heads.size());
    std::atomic<bool> finite{true}, in_range{true}, stopped{false};
    for_row_ranges(count, 1, threads, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        for (std::ptrdiff_t k = first; k < last; ++k)
            if (!head_finite(heads[static_cast<std::size_t>(k)],
                             k > first ? &heads[static_cast<std::size_t>(k - 1)] : nullptr, layout))
                finite.store(false, std::memory_order_relaxed);
    });
    if (!finite.load(std::memory_order_relaxed)) return Status::non_finite;

    // Pieces are handed out one by one, a head's last queries first: in causal attention they take the longest. What a
    // query gets does not depend on the piece that it is in.
    const std::ptrdiff_t size = piece_size<Real>(heads.size(), layout, threads);
    const std::ptrdiff_t pieces = (layout.n_queries + size - 1) / size;
    std::atomic<std::ptrdiff_t> next{0};
    for_row_ranges(threads, 1, threads, [&](std::ptrdiff_t, std::ptrdiff_t, int member) {
        auto* own = reinterpret_cast<Real*>(memory + static_cast<std::size_t>(member) * scratch);
        for (;;) {
            const std::ptrdiff_t piece = next.fetch_add(1, std::memory_order_relaxed);
            if (piece >= count * pieces || stopped.load(std::memory_order_relaxed)) return;
            const std::ptrdiff_t first = (pieces - 1 - piece % pieces) * size;
            const std::ptrdiff_t last = std::min(first + size, layout.n_queries);
            const AttentionHead<Real>& head = heads[static_cast<std::size_t>(piece / pieces)];
            // Sums of large values may be beyond what their mean is not: only then in smaller units, since tiny values
            // would lose digits in these.
            if (!kernels<Real>().attend(head, layout, settings, first, last, Real(1), own) &&
                !kernels<Real>().attend(head, layout, settings, first, last, kSmallUnits<Real>, own))
                in_range.store(false, std::memory_order_relaxed);
            if (member == 0 && stop()) stopped.store(true, std::memory_order_relaxed);
        }
    });
    if (stopped.load(std::memory_order_relaxed)) return Status::interrupted;
    return in_range.load(std::memory_order_relaxed) ? Status::ok : Status::overflow;
}

}  // namespace

template <class Real>
Status phase_attention(span<const AttentionHead<Real>> heads, const AttentionLayout& layout,
                       const AttentionSettings& settings, span<std::byte> workspace,
                       int threads) noexcept RESONANCE_NONBLOCKING {
    return attend_heads(heads, layout, settings, workspace, threads, [] { return false; });
}

template <class Real>
Status phase_attention(span<const AttentionHead<Real>> heads, const AttentionLayout& layout,
                       const AttentionSettings& settings, span<std::byte> workspace, int threads,
                       Interrupt interrupt) noexcept {
    return attend_heads(heads, layout, settings, workspace, threads, [interrupt] {
        return interrupt.requested != nullptr && interrupt.requested(interrupt.context);
    });
}

#define RESONANCE_INSTANTIATE(Real)                                                                                    \
    template Status phase_attention(span<const AttentionHead<Real>>, const AttentionLayout&, const AttentionSettings&, \
                                    span<std::byte>, int) noexcept RESONANCE_NONBLOCKING;                              \
    template Status phase_attention(span<const AttentionHead<Real>>, const AttentionLayout&, const AttentionSettings&, \
                                    span<std::byte>, int, Interrupt) noexcept;
RESONANCE_INSTANTIATE(float)
RESONANCE_INSTANTIATE(double)

}  // namespace resonance
