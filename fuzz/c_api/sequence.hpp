//! Sequences of calls on a network, and on a twin with one thread: what is promised has to hold after each.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "calls.hpp"
#include "draws.hpp"
#include "state.hpp"

namespace fuzz {

inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

inline std::int32_t stop_when_spent(void* left) { return --*static_cast<int*>(left) <= 0; }

template <class Api>
class Sequence {
public:
    using Real = typename Api::Real;
    using Network = typename Api::Network;

    explicit Sequence(Draws& draws) : draws_(draws) {}
    Sequence(const Sequence&) = delete;
    Sequence& operator=(const Sequence&) = delete;
    ~Sequence() {
        if (in_place_)
            Api::destroy_in(net_);
        else
            Api::destroy(net_);
        Api::destroy(twin_);
    }

    void play() {
        if (!make()) return;
        for (int k = 0; k < 40 && draws_.left(); ++k) step();
        require(following_of<Api>(net_) == following_of<Api>(twin_), "the following step has the bits of one thread");
    }

private:
    resonance_hyperparameters hyperparameters() {
        resonance_hyperparameters h = resonance_options_default(1).hyperparameters;
        double* numbers[] = {&h.learning_rate, &h.decay,        &h.gain,      &h.coupling,
                             &h.phase_lag,     &h.learning_lag, &h.noise_std, &h.amplitude_floor};
        for (double* number : numbers)
            if (draws_.one_in(4)) *number = draws_.number();
        if (draws_.one_in(4)) h.decay = 0.5;
        return h;
    }

    bool make() {
        const int sizes[] = {3, 1, 2, 5, 8, 17, 33, 64, 5, 9, 3, 4, 7, 16, 6, 12};
        n_ = draws_.one_in(32) ? draws_.length(1) - 2 : sizes[draws_.below(16)];
        if (draws_.one_in(128)) n_ = 520;  // from 512 nodes on growth is compressed
        resonance_options options = resonance_options_default(n_);
        if (draws_.one_in(2)) options.hyperparameters = hyperparameters();
        const std::int32_t status = Api::create(&options, &twin_);
        options.threads = draws_.one_in(16) ? draws_.below(8) - 2 : 2;
        in_place_ = draws_.one_in(4);
        std::int32_t same = RESONANCE_OK;
        if (in_place_) {
            const std::size_t size = Api::storage_size(&options);
            if (size > 1 << 26) return false;
            storage_.resize(size + 1);
            const bool short_of_it = draws_.one_in(16) && size > 0;
            same = Api::create_in(&options, storage_.data() + 1, short_of_it ? size - 1 : size, &net_);
            if (short_of_it) require(same != RESONANCE_OK, "too little storage is refused");
        } else {
            same = Api::create(&options, &net_);
        }
        require((same == RESONANCE_OK) == (net_ != nullptr), "a network where there is no error, and else none");
        require((status == RESONANCE_OK) == (twin_ != nullptr), "a network where there is no error, and else none");
        return net_ != nullptr && twin_ != nullptr;
    }

    //! Does the same with both, and compares.
    template <class Call>
    void both(const Call& call) {
        const Bytes before = state_of<Api>(net_), next = following_of<Api>(net_);
        const std::int32_t status = call(net_), same = call(twin_);
        require(status == same, "the same status for any number of threads");
        require(*resonance_status_string(status) != '\0', "a text for every status");
        const Bytes after = state_of<Api>(net_);
        require(after == state_of<Api>(twin_), "the same bits for any number of threads");
        if (status == RESONANCE_OK || status == RESONANCE_INTERRUPTED || status == RESONANCE_DIVERGED) return;
        require(after == before, "a call that fails changes nothing");
        require(following_of<Api>(net_) == next, "a call that fails changes nothing of what follows");
    }

    template <class T>
    T* or_null(T* pointer) {
        return draws_.one_in(64) ? nullptr : pointer;
    }

    using Set = std::int32_t (*)(Network*, const double*, std::int64_t);

    void set(Set call) {
        const std::int64_t count = draws_.length(n_);
        const std::vector<double> values = draws_.numbers<double>(count);
        const double* given = or_null(values.data());
        both([&](Network* net) { return call(net, given, count); });
    }

    void update() {
        const std::int64_t count = draws_.length(n_);
        const std::vector<Real> input = draws_.numbers<Real>(count);
        const Real* given = or_null(input.data());
        const double dt = time_step();
        both([&](Network* net) { return Api::update(net, given, count, dt); });
    }

    double time_step() { return draws_.one_in(8) ? draws_.number() : 0.01; }

    void run(bool uniform) {
        const std::int64_t rows = draws_.one_in(16) ? -1 : draws_.below(6), columns = uniform ? 1 : n_;
        const std::int64_t holds[] = {1, 2, 3, 40, 0, -1, INT64_MAX, 1};
        const std::int64_t hold = holds[draws_.below(8)];
        const std::vector<double> inputs = draws_.numbers<double>(rows * columns);
        const double* given = or_null(inputs.data());
        const double dt = time_step();
        const bool asks = hold > 100 || draws_.one_in(2);
        const int after = 1 + draws_.below(20);
        both([&](Network* net) {
            int left = after;
            std::int64_t completed = -1;
            const std::int64_t count = Api::step_count(net);
            const auto call = uniform ? Api::run_uniform : Api::run;
            const std::int32_t status =
                call(net, given, rows, hold, dt, asks ? stop_when_spent : nullptr, &left, &completed);
            require(Api::step_count(net) == count + completed, "completed is the number of steps done");
            return status;
        });
    }

    void entrain() {
        const std::int64_t rows = draws_.one_in(16) ? -1 : draws_.below(6);
        const std::vector<Real> offsets = draws_.numbers<Real>(rows * n_);
        const Real* given = or_null(offsets.data());
        const double fading = draws_.number() / 8;
        const double* factor = draws_.one_in(2) ? &fading : nullptr;
        both([&](Network* net) {
            std::int64_t completed = -1;
            return Api::entrain(net, given, rows, factor, nullptr, nullptr, &completed);
        });
    }

    void set_weight_rows() {
        const std::int64_t first = draws_.index(n_), count = draws_.length(n_ - (first < 0 || first > n_ ? 0 : first));
        const std::vector<Real> rows = draws_.numbers<Real>(count > n_ + 1 || count < 0 ? -1 : count * n_);
        const Real* given = or_null(rows.data());
        both([&](Network* net) { return Api::set_weight_rows(net, first, given, count); });
    }

    void pin_nodes() {
        const std::int64_t count = draws_.one_in(16) ? -1 : draws_.below(5);
        std::vector<std::int64_t> nodes(count < 0 ? 1 : static_cast<std::size_t>(count));
        for (std::int64_t& node : nodes) node = draws_.index(n_);
        const std::vector<double> amplitudes = draws_.numbers<double>(count), phases = draws_.numbers<double>(count);
        const bool with_phases = draws_.one_in(2), unpins = draws_.one_in(4);
        const std::int64_t* given = or_null(nodes.data());
        both([&](Network* net) {
            if (unpins) return Api::unpin_nodes(net, given, count);
            return Api::pin_nodes(net, given, amplitudes.data(), with_phases ? phases.data() : nullptr, count);
        });
    }

    //! From a snapshot, of this network or cut or changed in its head.
    void restore() {
        Bytes snapshot(Api::snapshot_size(net_));
        require(Api::snapshot(net_, snapshot.data(), snapshot.size() - 1) == RESONANCE_INVALID_SIZE, "no room");
        require(Api::snapshot(net_, snapshot.data(), snapshot.size()) == RESONANCE_OK, "a snapshot can be taken");
        const Bytes before = state_of<Api>(net_);
        if (draws_.one_in(2)) {
            Api::update_uniform(net_, 0.5, 0.01);
            require(Api::restore(net_, snapshot.data(), snapshot.size()) == RESONANCE_OK, "a snapshot comes back");
        } else {
            snapshot[static_cast<std::size_t>(draws_.below(48))] ^= static_cast<std::uint8_t>(1 << draws_.below(8));
            if (draws_.one_in(2)) snapshot.resize(static_cast<std::size_t>(draws_.byte()) % snapshot.size());
            const std::int32_t status = Api::restore(net_, snapshot.data(), snapshot.size());
            require(status == RESONANCE_FOREIGN_SNAPSHOT, "another snapshot is refused");
        }
        require(state_of<Api>(net_) == before, "a snapshot brings everything back");
    }

    void assign() {
        Network* other = nullptr;
        const resonance_options options = resonance_options_default(draws_.one_in(4) ? n_ + 1 : n_);
        require(Api::create(&options, &other) == RESONANCE_OK, "a default network can be made");
        const double amplitude = draws_.number();
        Api::pin(other, 0, amplitude);
        both([&](Network* net) { return Api::assign(net, other); });
        Api::set_threads(net_, 2);
        Api::destroy(other);
    }

    void step() {
        const std::int64_t node = draws_.index(n_), column = draws_.index(n_);
        const double value = draws_.number(), other = draws_.number();
        switch (draws_.below(22)) {
            case 0:
            case 1: return update();
            case 2: return both([&](Network* net) { return Api::update_uniform(net, value, time_step_of(other)); });
            case 3:
            case 4: return run(false);
            case 5: return run(true);
            case 6: return set(Api::set_phases);
            case 7: return set(Api::set_frequencies);
            case 8: return set(Api::set_amplitudes);
            case 9: return set(Api::set_initial_phases);
            case 10: return set_weight_rows();
            case 11: return pin_nodes();
            case 12: return both([&](Network* net) { return Api::pin(net, node, value); });
            case 13: return both([&](Network* net) { return Api::pin_with_phase(net, node, value, other); });
            case 14: return both([&](Network* net) { return Api::unpin(net, node); });
            case 15: return both([&](Network* net) { return Api::set_phase(net, node, value); });
            case 16: {
                const std::vector<Real> weight = draws_.numbers<Real>(1);
                return both([&](Network* net) { return Api::set_weight(net, node, column, weight[0]); });
            }
            case 17: {
                const resonance_hyperparameters h = hyperparameters();
                return both([&](Network* net) { return Api::set_hyperparameters(net, &h); });
            }
            case 18: return entrain();
            case 19: return restore();
            case 20: return assign();
            default: return settings(node, value);
        }
    }

    static double time_step_of(double number) { return number > 0 && number < 1 ? number : 0.01; }

    void settings(std::int64_t count, double value) {
        switch (draws_.below(6)) {
            case 0: return both([&](Network* net) { return Api::set_tolerance(net, value); });
            case 1: return both([&](Network* net) { return Api::set_clock(net, count, value); });
            case 2: return both([&](Network* net) { return Api::set_presentation_count(net, count); });
            case 3: {
                const std::uint64_t seed = draws_.byte();
                return both([&](Network* net) { return Api::set_noise_seed(net, seed); });
            }
            case 4: return both([&](Network* net) { return Api::set_learning(net, count % 2 == 0 ? 1 : 0); });
            default: {
                std::vector<Real> values(static_cast<std::size_t>(n_));
                require(Api::outputs(net_, values.data(), n_) == RESONANCE_OK, "outputs can be read");
            }
        }
    }

    Draws& draws_;
    std::int64_t n_ = 0;
    Network *net_ = nullptr, *twin_ = nullptr;
    bool in_place_ = false;
    Bytes storage_;
};

}  // namespace fuzz
