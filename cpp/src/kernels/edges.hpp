//! Passes over weights on edges: read, decay, grow, write, and both products of the new weights. What an edge needs of
//! its source stands in one record of four numbers, never across two cache lines, so that an edge to anywhere costs one
//! line. Four edges of a row go at a time: their records are loaded whole and turned into vectors of four edges each.
#pragma once

#include "kernels.hpp"
#include "vec.hpp"

#if defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 12)
#define RESONANCE_SHUFFLES
#define RESONANCE_INLINE_LAMBDA __attribute__((always_inline))
#endif

namespace resonance::detail {
namespace {

//! Lanes of float are summed over this many edges of a row before they go on in double.
constexpr std::int64_t kEdgeBlock = 1024;

//! Edges of a row that go at once: their vectors fit a register.
template <class Real>
constexpr int kEdgesAtOnce = RESONANCE_VECTOR_BYTES >= 8 * sizeof(Real) ? 8 : 4;

template <int N>
struct Width {
    static constexpr int value = N;
};

//! W is kept W + rest W, where the type needs two parts: see Growth.
template <class Real>
struct EdgeDecay {
    static constexpr bool in_parts = sizeof(Real) < sizeof(double);

    explicit EdgeDecay(double decay)
        : kept(in_parts && decay >= 0.5 ? Real(1) : static_cast<Real>(decay)),
          rest(static_cast<Real>(decay - static_cast<double>(kept))) {}

    template <class Value>
    RESONANCE_INLINE Value operator()(Value w) const {
        if constexpr (in_parts)
            return w * kept + w * rest;
        else
            return w * kept;
    }

    Real kept, rest;
};

//! Sums of a row's edges times cosines and times sines.
struct EdgeSums {
    double cosine, sine;
};

#ifdef RESONANCE_SHUFFLES

//! N edges of a row, 4 or 8. Records come in whole, of one edge or of two that are four apart, and leave as vectors of
//! N edges. Each shuffle is one instruction, which differs between lanes of 32 and of 64 bits.
template <class Real, int N>
struct EdgeVec;

template <class Real>
struct EdgeVec<Real, 4> {
    typedef Real Register __attribute__((vector_size(4 * sizeof(Real))));
    typedef Real Unaligned __attribute__((vector_size(4 * sizeof(Real)), aligned(alignof(Real)), may_alias));
    //! By what records hold: a cos(phi), a sin(phi), cos(phi), sin(phi).
    struct Sources {
        Register u, v, c, s;
    };

    static RESONANCE_INLINE Register load(const Real* p) { return *reinterpret_cast<const Unaligned*>(p); }
    static RESONANCE_INLINE void store(Real* p, Register x) { *reinterpret_cast<Unaligned*>(p) = x; }
    //! Sums of lanes, two of each, which take turns: cosine, sine, cosine, sine.
    static RESONANCE_INLINE Register both(Register cosine, Register sine) {
        const Register low = __builtin_shufflevector(cosine, sine, 0, 4, 1, 5);
        const Register high = __builtin_shufflevector(cosine, sine, 2, 6, 3, 7);
        return low + high;
    }

    template <class Record>
    static RESONANCE_INLINE Sources sources(const Record& record) {
        return turned(load(record(0)), load(record(1)), load(record(2)), load(record(3)));
    }
    //! From records to what they hold, or back.
    static RESONANCE_INLINE Sources turned(Register r0, Register r1, Register r2, Register r3) {
        Sources from;
        if constexpr (sizeof(Real) == sizeof(float)) {
            const Register uv01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);
            const Register uv23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
            const Register cs01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
            const Register cs23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
            from.u = __builtin_shufflevector(uv01, uv23, 0, 1, 4, 5);
            from.v = __builtin_shufflevector(uv01, uv23, 2, 3, 6, 7);
            from.c = __builtin_shufflevector(cs01, cs23, 0, 1, 4, 5);
            from.s = __builtin_shufflevector(cs01, cs23, 2, 3, 6, 7);
        } else {
            const Register uc01 = __builtin_shufflevector(r0, r1, 0, 4, 2, 6);
            const Register uc23 = __builtin_shufflevector(r2, r3, 0, 4, 2, 6);
            const Register vs01 = __builtin_shufflevector(r0, r1, 1, 5, 3, 7);
            const Register vs23 = __builtin_shufflevector(r2, r3, 1, 5, 3, 7);
            from.u = __builtin_shufflevector(uc01, uc23, 0, 1, 4, 5);
            from.v = __builtin_shufflevector(vs01, vs23, 0, 1, 4, 5);
            from.c = __builtin_shufflevector(uc01, uc23, 2, 3, 6, 7);
            from.s = __builtin_shufflevector(vs01, vs23, 2, 3, 6, 7);
        }
        return from;
    }
};

template <class Real>
struct EdgeVec<Real, 8> {
    typedef Real Register __attribute__((vector_size(8 * sizeof(Real))));
    typedef Real Unaligned __attribute__((vector_size(8 * sizeof(Real)), aligned(alignof(Real)), may_alias));
    using Half = EdgeVec<Real, 4>;
    struct Sources {
        Register u, v, c, s;
    };

    static RESONANCE_INLINE Register load(const Real* p) { return *reinterpret_cast<const Unaligned*>(p); }
    static RESONANCE_INLINE void store(Real* p, Register x) { *reinterpret_cast<Unaligned*>(p) = x; }
    static RESONANCE_INLINE typename Half::Register both(Register cosine, Register sine) {
        // Whichever shuffles are one instruction each.
        const Register low = sizeof(Real) == sizeof(float)
                                 ? __builtin_shufflevector(cosine, sine, 0, 8, 1, 9, 4, 12, 5, 13)
                                 : __builtin_shufflevector(cosine, sine, 0, 8, 2, 10, 4, 12, 6, 14);
        const Register high = sizeof(Real) == sizeof(float)
                                  ? __builtin_shufflevector(cosine, sine, 2, 10, 3, 11, 6, 14, 7, 15)
                                  : __builtin_shufflevector(cosine, sine, 1, 9, 3, 11, 5, 13, 7, 15);
        const Register sums = low + high;
        const typename Half::Register first = __builtin_shufflevector(sums, sums, 0, 1, 2, 3);
        const typename Half::Register second = __builtin_shufflevector(sums, sums, 4, 5, 6, 7);
        return first + second;
    }

    template <class Record>
    static RESONANCE_INLINE Register pair(const Record& record, int k) {
        const typename Half::Register low = Half::load(record(k)), high = Half::load(record(k + 4));
        const Register both = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
        return both;
    }
    template <class Record>
    static RESONANCE_INLINE Sources sources(const Record& record) {
        const Register r0 = pair(record, 0), r1 = pair(record, 1), r2 = pair(record, 2), r3 = pair(record, 3);
        Sources from;
        if constexpr (sizeof(Real) == sizeof(float)) {
            const Register uv01 = __builtin_shufflevector(r0, r1, 0, 8, 1, 9, 4, 12, 5, 13);
            const Register uv23 = __builtin_shufflevector(r2, r3, 0, 8, 1, 9, 4, 12, 5, 13);
            const Register cs01 = __builtin_shufflevector(r0, r1, 2, 10, 3, 11, 6, 14, 7, 15);
            const Register cs23 = __builtin_shufflevector(r2, r3, 2, 10, 3, 11, 6, 14, 7, 15);
            from.u = __builtin_shufflevector(uv01, uv23, 0, 1, 8, 9, 4, 5, 12, 13);
            from.v = __builtin_shufflevector(uv01, uv23, 2, 3, 10, 11, 6, 7, 14, 15);
            from.c = __builtin_shufflevector(cs01, cs23, 0, 1, 8, 9, 4, 5, 12, 13);
            from.s = __builtin_shufflevector(cs01, cs23, 2, 3, 10, 11, 6, 7, 14, 15);
        } else {
            const Register uc01 = __builtin_shufflevector(r0, r1, 0, 8, 2, 10, 4, 12, 6, 14);
            const Register uc23 = __builtin_shufflevector(r2, r3, 0, 8, 2, 10, 4, 12, 6, 14);
            const Register vs01 = __builtin_shufflevector(r0, r1, 1, 9, 3, 11, 5, 13, 7, 15);
            const Register vs23 = __builtin_shufflevector(r2, r3, 1, 9, 3, 11, 5, 13, 7, 15);
            from.u = __builtin_shufflevector(uc01, uc23, 0, 1, 8, 9, 4, 5, 12, 13);
            from.v = __builtin_shufflevector(vs01, vs23, 0, 1, 8, 9, 4, 5, 12, 13);
            from.c = __builtin_shufflevector(uc01, uc23, 2, 3, 10, 11, 6, 7, 14, 15);
            from.s = __builtin_shufflevector(vs01, vs23, 2, 3, 10, 11, 6, 7, 14, 15);
        }
        return from;
    }
};

#endif

//! Edges first .. last - 1 of a row, at most kEdgeBlock of them.
template <class Real, bool Grow, bool Ahead, class Pointer>
RESONANCE_INLINE EdgeSums edge_block(Pointer weights, const std::int32_t* columns, const Real* records,
                                     std::int64_t first, std::int64_t last, EdgeDecay<Real> decay, Real row_u,
                                     Real row_v) {
    const auto record = [&](std::int64_t e) { return records + columns[e]; };
    std::int64_t e = first;
    EdgeSums sums{0, 0};
#ifdef RESONANCE_SHUFFLES
    const auto some = [&](auto width, auto& cosine, auto& sine) RESONANCE_INLINE_LAMBDA {
        constexpr int n = width.value;
        using V = EdgeVec<Real, n>;
        if constexpr (Ahead) {
            RESONANCE_UNROLL
            for (int k = 0; k < n; ++k) prefetch(record(e + kEdgesAhead - n + k));
        }
        const auto from = V::sources([&](int k) { return record(e + k); });
        auto w = V::load(weights + e);
        if constexpr (Grow) {
            w = (decay(w) + row_u * from.u) + row_v * from.v;
            V::store(weights + e, w);
        }
        cosine += w * from.c;
        sine += w * from.s;
    };
    using Narrow = EdgeVec<Real, 4>;
    typename Narrow::Register both{};
    if constexpr (kEdgesAtOnce<Real> == 8) {
        typename EdgeVec<Real, 8>::Register cosine{}, sine{};
        for (; e + 8 <= last; e += 8) some(Width<8>(), cosine, sine);
        both = EdgeVec<Real, 8>::both(cosine, sine);
        if (e + 4 <= last) {
            typename Narrow::Register cosine_part{}, sine_part{};
            some(Width<4>(), cosine_part, sine_part);
            both += Narrow::both(cosine_part, sine_part);
            e += 4;
        }
    } else {
        typename Narrow::Register cosine{}, sine{};
        for (; e + 4 <= last; e += 4) some(Width<4>(), cosine, sine);
        both = Narrow::both(cosine, sine);
    }
    sums = {static_cast<double>(both[0]) + static_cast<double>(both[2]),
            static_cast<double>(both[1]) + static_cast<double>(both[3])};
#endif
    for (; e < last; ++e) {
        if constexpr (Ahead) prefetch(record(e + kEdgesAhead - 1));
        const Real* from = record(e);
        Real w = weights[e];
        if constexpr (Grow) weights[e] = w = (decay(w) + row_u * from[0]) + row_v * from[1];
        sums.cosine += static_cast<double>(w) * static_cast<double>(from[2]);
        sums.sine += static_cast<double>(w) * static_cast<double>(from[3]);
    }
    return sums;
}

template <class Real, bool Grow, bool Ahead, class Pointer>
RESONANCE_INLINE void edge_rows(Pointer weights, const EdgeRows<Real>& rows, const EdgeGrowth* growth,
                                double* cosine_sums, double* sine_sums) {
    const EdgeDecay<Real> decay(Grow ? growth->decay : 1);
    const auto along = static_cast<Real>(Grow ? growth->along : 0);
    const auto across = static_cast<Real>(Grow ? growth->across : 0);
    // Copies: what is stored could be the pointers, as far as the compiler knows.
    const EdgeRows<Real> r = rows;
    for (std::ptrdiff_t row = r.first; row < r.last; ++row) {
        const Real* own = r.records + kEdgeNumbers * row;
        const Real row_u = along * own[0] + across * own[1], row_v = along * own[1] - across * own[0];
        std::int64_t e = r.row_starts[row];
        const std::int64_t end = r.row_starts[row + 1];
        EdgeSums sums{0, 0};
        for (; end - e > kEdgeBlock; e += kEdgeBlock) {
            const EdgeSums part =
                edge_block<Real, Grow, Ahead>(weights, r.columns, r.records, e, e + kEdgeBlock, decay, row_u, row_v);
            sums.cosine += part.cosine;
            sums.sine += part.sine;
        }
        const EdgeSums part = edge_block<Real, Grow, Ahead>(weights, r.columns, r.records, e, end, decay, row_u, row_v);
        const std::ptrdiff_t node = r.nodes[row];
        cosine_sums[node] = sums.cosine + part.cosine;
        sine_sums[node] = sums.sine + part.sine;
    }
}

template <class Real>
void edge_step(Real* weights, const EdgeRows<Real>& rows, const EdgeGrowth& growth, double* cosine_sums,
               double* sine_sums) noexcept RESONANCE_NONBLOCKING {
    if (rows.ahead)
        edge_rows<Real, true, true>(weights, rows, &growth, cosine_sums, sine_sums);
    else
        edge_rows<Real, true, false>(weights, rows, &growth, cosine_sums, sine_sums);
}

template <class Real>
void edge_products(const Real* weights, const EdgeRows<Real>& rows, double* cosine_sums,
                   double* sine_sums) noexcept RESONANCE_NONBLOCKING {
    if (rows.ahead)
        edge_rows<Real, false, true>(weights, rows, nullptr, cosine_sums, sine_sums);
    else
        edge_rows<Real, false, false>(weights, rows, nullptr, cosine_sums, sine_sums);
}

template <class Real>
void edge_records(const Real* amplitudes, const Real* cosines, const Real* sines, const std::int32_t* places,
                  std::ptrdiff_t first, std::ptrdiff_t last, Real* records) noexcept RESONANCE_NONBLOCKING {
    std::ptrdiff_t i = first;
    const auto record = [&](std::ptrdiff_t node) { return records + kEdgeNumbers * std::ptrdiff_t(places[node]); };
#ifdef RESONANCE_SHUFFLES
    using V = EdgeVec<Real, 4>;
    for (; i + 4 <= last; i += 4) {
        const auto a = V::load(amplitudes + i), c = V::load(cosines + i), s = V::load(sines + i);
        const auto turned = V::turned(a * c, a * s, c, s);
        V::store(record(i), turned.u);
        V::store(record(i + 1), turned.v);
        V::store(record(i + 2), turned.c);
        V::store(record(i + 3), turned.s);
    }
#endif
    for (; i < last; ++i) {
        Real* one = record(i);
        one[0] = amplitudes[i] * cosines[i];
        one[1] = amplitudes[i] * sines[i];
        one[2] = cosines[i];
        one[3] = sines[i];
    }
}

template <class Real>
void edge_growth(Real* weights, const EdgeRows<Real>& rows, double decay_factor, const Real* shares) noexcept {
    static_assert(kEdgeRank == 8);
    const EdgeDecay<Real> decay(decay_factor);
    const EdgeRows<Real> r = rows;
    for (std::ptrdiff_t row = r.first; row < r.last; ++row) {
        Real own[kEdgeRank];
        for (int k = 0; k < kEdgeRank; ++k) own[k] = shares[k / 2] * r.records[kEdgeRank * row + k];
        std::int64_t e = r.row_starts[row];
        const std::int64_t end = r.row_starts[row + 1];
        const auto record = [&](std::int64_t edge) {
            return r.records + kEdgeRank / kEdgeNumbers * static_cast<std::ptrdiff_t>(r.columns[edge]);
        };
#ifdef RESONANCE_SHUFFLES
        using V = EdgeVec<Real, 4>;
        const auto first = V::load(own), second = V::load(own + 4);
        const auto products = [&](std::int64_t edge) {
            const Real* other = record(edge);
            return first * V::load(other) + second * V::load(other + 4);
        };
        for (; e + 4 <= end; e += 4) {
            const auto parts = V::turned(products(e), products(e + 1), products(e + 2), products(e + 3));
            V::store(weights + e, decay(V::load(weights + e)) + ((parts.u + parts.c) + (parts.v + parts.s)));
        }
        for (; e < end; ++e) {
            const auto parts = products(e);
            weights[e] = decay(weights[e]) + ((parts[0] + parts[2]) + (parts[1] + parts[3]));
        }
#else
        for (; e < end; ++e) {
            Real sum = 0;
            for (int k = 0; k < kEdgeRank; ++k) sum += own[k] * record(e)[k];
            weights[e] = decay(weights[e]) + sum;
        }
#endif
    }
}

template <class Real>
Real edge_pass(Real* weights, const std::int32_t* columns, const Real* records, std::int64_t first, std::int64_t last,
               Real factor) noexcept {
    if (records == nullptr) {
        std::uint32_t all = 0;
#pragma omp simd reduction(+ : all)
        for (std::int64_t e = first; e < last; ++e) {
            weights[e] *= factor;
            all += static_cast<std::uint32_t>(columns[e]);
        }
        return static_cast<Real>(all);
    }
#ifdef RESONANCE_SHUFFLES
    using V = EdgeVec<Real, 4>;
    typename V::Register sums{};
    std::int64_t e = first;
    for (; e + 4 <= last; e += 4) {
        RESONANCE_UNROLL
        for (int k = 0; k < 4; ++k) {
            prefetch(records + columns[e + kEdgesAhead - 4 + k]);
            sums += V::load(records + columns[e + k]);
        }
        V::store(weights + e, V::load(weights + e) * factor);
    }
    const auto both = V::both(sums, sums);
    Real sum = both[0] + both[2];
    for (; e < last; ++e) {
        weights[e] *= factor;
        sum += records[columns[e]];
    }
    return sum;
#else
    Real sum = 0;
    for (std::int64_t e = first; e < last; ++e) {
        weights[e] *= factor;
        for (int k = 0; k < kEdgeNumbers; ++k) sum += records[columns[e] + k];
    }
    return sum;
#endif
}

}  // namespace
}  // namespace resonance::detail
