#include "resonance/network.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>

#include "factored/factors.hpp"
#include "memory.hpp"
#include "network/values.hpp"
#include "sparse/edges.hpp"
#include "state.hpp"

namespace resonance {

using detail::size;

namespace {

//! Columns that no matrix has, bytes of columns from which fewer are allowed, and groups of pairs, each of at most n.
constexpr std::ptrdiff_t kMostRank = 1'000'000'000, kMostBytes = 1'073'741'824;
constexpr std::ptrdiff_t kMostDirections = detail::Factors<double>::kMostGroups;

//! The most pairs of factored weights; 0 where it can't be.
template <class Real>
std::ptrdiff_t most_pairs(const Options& options) noexcept {
    const std::ptrdiff_t n = options.n_nodes;
    if (options.max_rank > 0) return options.max_rank > kMostRank ? 0 : (options.max_rank + 1) / 2;
    if (options.max_rank < 0) return 0;
    const std::ptrdiff_t affordable = kMostBytes / static_cast<std::ptrdiff_t>(sizeof(Real)) / n;
    return std::min({std::ptrdiff_t{1024}, std::max(std::ptrdiff_t{128}, affordable), kMostDirections * 2 * n}) / 2;
}

}  // namespace

template <class Real>
Network<Real>::Network(detail::State<Real>& state, detail::Scratch& scratch) noexcept
    : state_(state), scratch_(scratch) {}

template <class Real>
Network<Real>::~Network() {
    detail::Factors<Real>::destroy(state_.factors);
    scratch_.~Scratch();
}

template <class Real>
void Network<Real>::operator delete(void* network) noexcept {
    detail::release(network);  // a network on the heap stands at the beginning of its memory
}

template <class Real>
Status Network<Real>::make(const Options& options, const Graph<Real>* graph, const Shard* shard, std::byte* aligned,
                           Network*& network) noexcept {
    using detail::State, detail::Scratch;
    static_assert(detail::padded<State<Real>>(1) + detail::padded<Scratch>(1) <= detail::kMemberBytes);
    if (const Status status = validate(options.hyperparameters); status != Status::ok) return status;
    if (options.threads < 0) return Status::invalid_value;
    std::byte* const members = aligned + detail::padded<Network>(1);
    auto* state = ::new (members) State<Real>;
    auto* scratch = ::new (members + detail::padded<State<Real>>(1)) Scratch;
    const Shard rows = shard == nullptr ? Shard{0, options.n_nodes, {}} : *shard;
    if (graph != nullptr) {
        state->place_edges(*graph, members + detail::kMemberBytes);
    } else if (options.storage == WeightStorage::dense) {
        state->place(options.n_nodes, rows, members + detail::kMemberBytes);
    } else {
        const std::ptrdiff_t pairs = most_pairs<Real>(options);
        if (pairs < 1) return Status::invalid_value;
        state->factors = detail::Factors<Real>::make(options.n_nodes, rows, pairs);
        if (state->factors == nullptr) return Status::out_of_memory;
        state->place_vectors(options.n_nodes, options.storage, rows, members + detail::kMemberBytes);
    }
    network = ::new (aligned) Network(*state, *scratch);
    network->hyperparameters_ = options.hyperparameters;
    network->threads_setting_ = options.threads;
    return Status::ok;
}

template <class Real>
Status Network<Real>::create(const Options& options, std::unique_ptr<Network>& network) noexcept {
    if (options.n_nodes < 1) return Status::invalid_size;
    if (options.storage == WeightStorage::sparse) return Status::invalid_value;
    const std::size_t bytes = options.storage == WeightStorage::dense ? storage_size(options) : vectors_size(options);
    return allocate_and_make(options, nullptr, nullptr, bytes, network);
}

template <class Real>
Status Network<Real>::create(const Options& options, const Shard& shard, std::unique_ptr<Network>& network) noexcept {
    if (options.n_nodes < 1 || shard.first < 0 || shard.first >= shard.last || shard.last > options.n_nodes)
        return Status::invalid_size;
    const Exchange& exchange = shard.exchange;
    if (options.storage == WeightStorage::sparse || exchange.gather == nullptr || exchange.sum == nullptr ||
        exchange.rank < 0 || exchange.rank >= exchange.ranks)
        return Status::invalid_value;
    const bool dense = options.storage == WeightStorage::dense;
    const std::size_t rows = dense ? size(shard.last - shard.first) : 0;
    const std::size_t row = detail::row_bytes<Real>(size(options.n_nodes)), vectors = vectors_size(options);
    if (vectors == 0 || (rows > 0 && row > std::numeric_limits<std::size_t>::max() / 4 / rows))
        return Status::out_of_memory;
    return allocate_and_make(options, nullptr, &shard, vectors + rows * row, network);
}

template <class Real>
Status Network<Real>::create(const Options& options, const Graph<Real>& graph,
                             std::unique_ptr<Network>& network) noexcept {
    if (const Status status = detail::check_graph(graph, options.n_nodes); status != Status::ok) return status;
    const std::size_t n = size(options.n_nodes);
    const std::size_t bytes = detail::padded<Network>(1) + detail::kMemberBytes + detail::vector_bytes<Real>(n) +
                              detail::edge_bytes<Real>(n, graph.columns.size());
    return allocate_and_make(options, &graph, nullptr, bytes, network);
}

template <class Real>
Status Network<Real>::create(const Options& options, span<std::byte> storage, Network*& network) noexcept {
    if (options.storage != WeightStorage::dense) return Status::unavailable;
    const std::size_t bytes = storage_size(options);
    if (bytes == 0 || storage.size() < bytes) return Status::invalid_size;
    const auto misaligned = reinterpret_cast<std::uintptr_t>(storage.data()) % detail::kVectorAlignment;
    return make(options, nullptr, nullptr,
                storage.data() + (misaligned == 0 ? 0 : detail::kVectorAlignment - misaligned), network);
}

template <class Real>
Status Network<Real>::allocate_and_make(const Options& options, const Graph<Real>* graph, const Shard* shard,
                                        std::size_t bytes, std::unique_ptr<Network>& network) noexcept {
    void* memory = bytes == 0 ? nullptr : detail::allocate(bytes);
    if (memory == nullptr) return Status::out_of_memory;
    Network* made = nullptr;
    const Status status = make(options, graph, shard, static_cast<std::byte*>(memory), made);
    if (status == Status::ok)
        network.reset(made);
    else
        detail::release(memory);
    return status;
}

template <class Real>
std::size_t Network<Real>::vectors_size(const Options& options) noexcept {
    const auto count = size(options.n_nodes);
    if (count > std::numeric_limits<std::size_t>::max() / 1024) return 0;
    return detail::padded<Network>(1) + detail::kMemberBytes + detail::vector_bytes<Real>(count);
}

template <class Real>
std::size_t Network<Real>::factored_bytes(std::ptrdiff_t n_nodes, std::ptrdiff_t max_rank,
                                          std::ptrdiff_t row_count) noexcept {
    Options options;
    options.n_nodes = n_nodes;
    options.max_rank = max_rank;
    const std::ptrdiff_t pairs = n_nodes < 1 ? 0 : most_pairs<Real>(options);
    return pairs < 1 || row_count < 1 ? 0 : detail::Factors<Real>::bytes(row_count, pairs);
}

template <class Real>
bool Network<Real>::owns(const void* pointer) const noexcept RESONANCE_NONBLOCKING {
    const auto* begin = static_cast<const unsigned char*>(state_.memory);
    const auto* p = static_cast<const unsigned char*>(pointer);
    return p >= begin && p < begin + state_.memory_bytes;
}

template class Network<float>;
template class Network<double>;

}  // namespace resonance
