//! A view of contiguous memory: the part of C++20's std::span that the library needs.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace resonance {

template <class T>
class span {
public:
    constexpr span() noexcept = default;
    constexpr span(T* data, std::size_t size) noexcept : data_(data), size_(size) {}

    template <std::size_t N>
    constexpr span(T (&array)[N]) noexcept : data_(array), size_(N) {}

    //! From anything with data() and size(): std::vector, std::array, an Eigen vector, another span.
    template <class Container,
              class = std::enable_if_t<std::is_convertible_v<decltype(std::declval<Container&>().data()), T*> &&
                                       std::is_convertible_v<decltype(std::declval<Container&>().size()), std::size_t>>>
    constexpr span(Container&& container) noexcept
        : data_(container.data()), size_(static_cast<std::size_t>(container.size())) {}

    constexpr T* data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T& operator[](std::size_t i) const noexcept { return data_[i]; }
    constexpr T* begin() const noexcept { return data_; }
    constexpr T* end() const noexcept { return data_ + size_; }

private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace resonance
