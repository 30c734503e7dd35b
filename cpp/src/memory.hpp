//! Large aligned blocks of zeroed memory.
#pragma once

#include <cstddef>

#include "resonance/storage.hpp"

namespace resonance::detail {

//! `bytes` of anything, aligned to 64 bytes, on huge pages where they help; nullptr where there is no room.
void* allocate(std::size_t bytes) noexcept;
//! `bytes` of zeros, aligned to 64 bytes, on huge pages where they help; nullptr where there is no room.
void* allocate_zeroed(std::size_t bytes) noexcept;
void release(void* memory) noexcept;

//! Hands out consecutive pieces of a block; with a null block it only counts.
class Carver {
public:
    explicit Carver(void* block) : block_(static_cast<unsigned char*>(block)) {}

    template <class T>
    void take(T*& pointer, std::size_t count) {
        if (block_ != nullptr) pointer = reinterpret_cast<T*>(block_ + used_);
        used_ += padded<T>(count);
    }
    std::size_t used() const { return used_; }

private:
    unsigned char* block_;
    std::size_t used_ = 0;
};

//! Memory that grows to the largest need so far and keeps no contents.
class Scratch {
public:
    Scratch() = default;
    ~Scratch() { release(memory_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    //! At least `bytes`, or nullptr where there is no room.
    void* reserve(std::size_t bytes) noexcept;

private:
    void* memory_ = nullptr;
    std::size_t bytes_ = 0;
};

}  // namespace resonance::detail
