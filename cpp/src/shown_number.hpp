//! A number that others may look at while its owner changes it.
#pragma once

#include <atomic>

namespace resonance::detail {

//! One thread writes, any number of them read: what they read has been written, and no more is promised. It costs no
//! more than a plain number.
template <class T>
class ShownNumber {
public:
    ShownNumber() = default;
    ShownNumber(const ShownNumber&) = delete;
    ShownNumber& operator=(const ShownNumber& other) noexcept { return *this = static_cast<T>(other); }
    ShownNumber& operator=(T value) noexcept {
        value_.store(value, std::memory_order_relaxed);
        return *this;
    }
    ShownNumber& operator+=(T value) noexcept { return *this = static_cast<T>(*this) + value; }
    operator T() const noexcept { return value_.load(std::memory_order_relaxed); }

    //! Swaps with a number of the owner's.
    void swap(T& other) noexcept {
        const T own = *this;
        *this = other;
        other = own;
    }

private:
    std::atomic<T> value_{};
};

}  // namespace resonance::detail
