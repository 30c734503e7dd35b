#include "block_moment.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "../engines/state_moment.hpp"
#include "../kernels/kernels.hpp"
#include "layout.hpp"
#include "upcoming.hpp"
#include "weights_beside.hpp"

namespace resonance::detail {

template <class Real>
BlockMoment<Real>::BlockMoment(const BlockPlace<Real>& place, const Block<Real>& block) noexcept
    : place_(place), block_(block), time_(place.state.time), first_step_count_(place.state.step_count) {}

template <class Real>
void BlockMoment<Real>::move_to(std::ptrdiff_t step) noexcept {
    for (; done_ <= step; ++done_) time_ += place_.conditions.dt;  // rounded as step by step
}

template <class Real>
std::int64_t BlockMoment<Real>::step() const noexcept {
    return place_.completed + done_;
}

template <class Real>
std::int64_t BlockMoment<Real>::step_count() const noexcept {
    return first_step_count_ + done_;
}

template <class Real>
double BlockMoment<Real>::time() const noexcept {
    return time_;
}

template <class Real>
std::complex<double> BlockMoment<Real>::order_parameter() const noexcept {
    const State<Real>& state = place_.state;
    const std::ptrdiff_t stride = row_stride<Real>(state.n);
    const Real* cosines = block_.columns + 2 * (done_ - 1) * stride;
    if (!is_partial()) return mean_phasor(cosines, cosines + stride, state.n);
    double sums[2];
    kernels<Real>().sum_pair(cosines + state.first_row, cosines + stride + state.first_row, state.row_count, sums);
    state.exchange.sum(state.exchange.context, sums, 2, sizeof(double));
    return {sums[0] / static_cast<double>(state.n), sums[1] / static_cast<double>(state.n)};
}

template <class Real>
span<const double> BlockMoment<Real>::phases() const noexcept {
    const std::ptrdiff_t n = place_.state.n;
    if (shows_) return {place_.state.phases, static_cast<std::size_t>(n)};
    if (phases_at_ == 0) std::copy_n(place_.state.phases, n, place_.phases);
    look_ahead<Real>(place_.state, place_.conditions, place_.timeline, phases_at_, done_ - phases_at_,
                     all_nodes<Real>(n), place_.phases, nullptr);
    phases_at_ = done_;
    return {place_.phases, static_cast<std::size_t>(n)};
}

template <class Real>
span<const Real> BlockMoment<Real>::amplitudes() const noexcept {
    return {place_.state.amplitudes, static_cast<std::size_t>(place_.state.n)};
}

template <class Real>
span<const double> BlockMoment<Real>::resonance() const noexcept {
    const State<Real>& state = place_.state;
    if (state.is_shard()) state.exchange.gather(state.exchange.context, block_.resonance, sizeof(double));
    return {block_.resonance, static_cast<std::size_t>(state.n)};
}

//! The growth up to this moment, of the nodes of all ranks.
template <class Real>
Pending<Real> BlockMoment<Real>::pending_here() const noexcept {
    Pending<Real> pending = place_.pending;
    if (place_.conditions.learn) pending.append(done_, place_.powers);
    if (is_partial() && gathered_at_ != done_) pending.gather(place_.state);
    gathered_at_ = done_;
    return pending;
}

template <class Real>
void BlockMoment<Real>::weights(span<const std::int64_t> rows, span<const std::int64_t> columns,
                                Real* block) const noexcept {
    const State<Real>& state = place_.state;
    weights_beside(state, pending_here(), place_.conditions.threads, rows, columns, block);
    if (!state.is_shard()) return;
    const auto n = static_cast<std::size_t>(state.n);
    const std::size_t count =
        (rows.data() == nullptr ? n : rows.size()) * (columns.data() == nullptr ? n : columns.size());
    state.exchange.sum(state.exchange.context, block, count, sizeof(Real));
}

template <class Real>
void BlockMoment<Real>::own_weights(std::ptrdiff_t first, std::ptrdiff_t count, Real* block) const noexcept {
    constexpr std::ptrdiff_t at_a_time = 64;
    const Pending<Real> pending = pending_here();
    std::int64_t rows[at_a_time];
    for (; count > 0; first += at_a_time, count -= at_a_time, block += at_a_time * place_.state.n) {
        const std::ptrdiff_t some = std::min(at_a_time, count);
        std::iota(rows, rows + some, std::int64_t{first});
        const span<const std::int64_t> these(rows, static_cast<std::size_t>(some));
        weights_beside(place_.state, pending, place_.conditions.threads, these, {}, block);
    }
}

template <class Real>
void BlockMoment<Real>::show() noexcept {
    static_cast<void>(phases());
    hidden_step_count_ = step_count();
    hidden_time_ = time();
    swap_with_state();
}

template <class Real>
void BlockMoment<Real>::hide() noexcept {
    swap_with_state();
}

template <class Real>
void BlockMoment<Real>::swap_with_state() noexcept {
    State<Real>& state = place_.state;
    std::swap_ranges(state.phases, state.phases + state.n, place_.phases);
    state.step_count.swap(hidden_step_count_);
    state.time.swap(hidden_time_);
    shows_ = !shows_;
}

template class BlockMoment<float>;
template class BlockMoment<double>;

}  // namespace resonance::detail
