//! A register of the instruction set that the including file is compiled for: RESONANCE_VECTOR_BYTES wide where the
//! compiler has vector extensions, one element elsewhere.
#pragma once

#include <cstddef>

#if defined(__clang__)
#define RESONANCE_UNROLL _Pragma("unroll")
#define RESONANCE_INLINE inline __attribute__((always_inline))
#elif defined(__GNUC__)
#define RESONANCE_UNROLL _Pragma("GCC unroll 16")
#define RESONANCE_INLINE inline __attribute__((always_inline))
#else
#define RESONANCE_UNROLL
#define RESONANCE_INLINE inline
#endif

namespace resonance::detail {
namespace {

#if defined(__GNUC__)

template <int... I>
struct Indices {};
template <int N, int... I>
struct IndicesUpTo : IndicesUpTo<N - 1, N - 1, I...> {};
template <int... I>
struct IndicesUpTo<0, I...> {
    using Type = Indices<I...>;
};

template <class T>
struct Vec {
    typedef T Register __attribute__((vector_size(RESONANCE_VECTOR_BYTES)));
    typedef T Unaligned __attribute__((vector_size(RESONANCE_VECTOR_BYTES), aligned(alignof(T)), may_alias));
    static constexpr std::ptrdiff_t lanes = RESONANCE_VECTOR_BYTES / sizeof(T);

    static RESONANCE_INLINE Register zero() { return Register{}; }
    //! By subtraction: x - 0 is x for every x, so that nothing is left to compute; -0 + 0 would be 0.
    static RESONANCE_INLINE Register broadcast(T x) { return x - Register{}; }
    static RESONANCE_INLINE Register load(const T* p) { return *reinterpret_cast<const Unaligned*>(p); }
    static RESONANCE_INLINE void store(T* p, Register x) { *reinterpret_cast<Unaligned*>(p) = x; }
    static RESONANCE_INLINE double sum(Register x) { return sum_of<RESONANCE_VECTOR_BYTES>(x); }

private:
    //! Halves are added until one lane is left; the last addition is in double.
    template <int Bytes, class Wide>
    static RESONANCE_INLINE double sum_of(const Wide& x) {
        if constexpr (Bytes == 2 * sizeof(T)) {
            return static_cast<double>(x[0]) + static_cast<double>(x[1]);
        } else {
            return sum_of<Bytes / 2>(add_halves<Bytes / 2>(x, typename IndicesUpTo<Bytes / 2 / sizeof(T)>::Type()));
        }
    }

    template <int Bytes, class Wide, int... I>
    static RESONANCE_INLINE auto add_halves(const Wide& x, Indices<I...>) {
#if defined(__clang__) || __GNUC__ >= 12
        // Copied instead, a register takes the way over the memory: a third of a step at n = 64.
        constexpr int half = sizeof...(I);
        return __builtin_shufflevector(x, x, I...) + __builtin_shufflevector(x, x, (half + I)...);
#else
        typedef T Half __attribute__((vector_size(Bytes)));
        Half low, high;
        __builtin_memcpy(&low, &x, Bytes);
        __builtin_memcpy(&high, reinterpret_cast<const char*>(&x) + Bytes, Bytes);
        return low + high;
#endif
    }
};

#else

template <class T>
struct Vec {
    using Register = T;
    static constexpr std::ptrdiff_t lanes = 1;

    static RESONANCE_INLINE Register zero() { return T(0); }
    static RESONANCE_INLINE Register broadcast(T x) { return x; }
    static RESONANCE_INLINE Register load(const T* p) { return *p; }
    static RESONANCE_INLINE void store(T* p, Register x) { *p = x; }
    static RESONANCE_INLINE double sum(Register x) { return static_cast<double>(x); }
};

#endif

//! Asks for the cache line at p, which may lie anywhere.
RESONANCE_INLINE void prefetch(const void* p) {
#if defined(__GNUC__)
    __builtin_prefetch(p);
#else
    (void)p;
#endif
}

//! Loads a register of T from elements of Source, which may be narrower.
template <class T, class Source>
struct LoadAs {
    static RESONANCE_INLINE typename Vec<T>::Register load(const Source* p) {
#if defined(__GNUC__)
        typedef Source Narrow
            __attribute__((vector_size(Vec<T>::lanes * sizeof(Source)), aligned(alignof(Source)), may_alias));
        return __builtin_convertvector(*reinterpret_cast<const Narrow*>(p), typename Vec<T>::Register);
#else
        return static_cast<T>(*p);
#endif
    }
};
template <class T>
struct LoadAs<T, T> {
    static RESONANCE_INLINE typename Vec<T>::Register load(const T* p) { return Vec<T>::load(p); }
};

//! The same for the second-level cache: more of these may be under way.
RESONANCE_INLINE void prefetch_far(const void* p) {
#if defined(__GNUC__)
    __builtin_prefetch(p, 0, 2);
#else
    (void)p;
#endif
}

//! The first `count` < lanes elements at p; zeros behind them.
template <class T>
RESONANCE_INLINE typename Vec<T>::Register load_some(const T* p, std::ptrdiff_t count) {
    T lanes[Vec<T>::lanes] = {};
    for (std::ptrdiff_t k = 0; k < count; ++k) lanes[k] = p[k];
    return Vec<T>::load(lanes);
}

template <class T>
RESONANCE_INLINE void store_some(T* p, typename Vec<T>::Register x, std::ptrdiff_t count) {
    T lanes[Vec<T>::lanes];
    Vec<T>::store(lanes, x);
    for (std::ptrdiff_t k = 0; k < count; ++k) p[k] = lanes[k];
}

}  // namespace
}  // namespace resonance::detail
