//! A network and its lock, as Python holds them: arguments in, statuses out, the GIL released in between.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "factor_arrays.hpp"
#include "interrupt.hpp"
#include "kernels/kernels.hpp"
#include "network_lock.hpp"
#include "python_exchange.hpp"
#include "resonance/network.hpp"
#include "run_inputs.hpp"
#include "run_observers.hpp"
#include "state_arrays.hpp"

namespace resonance::python {

template <class Index>
using IndexArray = py::array_t<Index, py::array::c_style>;

template <class Real>
class NetworkHandle {
public:
    static std::unique_ptr<NetworkHandle> dense(py::handle n_nodes) {
        const Options options = options_for(n_nodes);
        return make([&](auto& network) { return Network<Real>::create(options, network); });
    }

    //! `max_rank`: see Options.
    static std::unique_ptr<NetworkHandle> factored(py::handle n_nodes, std::int64_t max_rank) {
        Options options = options_for(n_nodes);
        options.storage = WeightStorage::factored;
        options.max_rank = static_cast<std::ptrdiff_t>(max_rank);
        return make([&](auto& network) { return Network<Real>::create(options, network); });
    }

    //! One rank of a network, with the rows first .. last - 1 of its weights; factored where `max_rank` is given, which
    //! see Options for. `ranks`: see PythonExchange.
    static std::unique_ptr<NetworkHandle> shard(py::handle n_nodes, std::int64_t first, std::int64_t last,
                                                const py::object& ranks, std::optional<std::int64_t> max_rank) {
        Options options = options_for(n_nodes);
        if (max_rank) {
            options.storage = WeightStorage::factored;
            options.max_rank = static_cast<std::ptrdiff_t>(*max_rank);
        }
        auto exchange = std::make_unique<PythonExchange>(ranks, options.n_nodes);
        const Shard rows{static_cast<std::ptrdiff_t>(first), static_cast<std::ptrdiff_t>(last), exchange->exchange()};
        auto handle = make([&](auto& network) { return Network<Real>::create(options, rows, network); });
        handle->exchange_ = std::move(exchange);
        return handle;
    }

    //! A network with weights on the edges of a graph, all 0. `order` may be None. The package has checked them.
    static std::unique_ptr<NetworkHandle> from_graph(const IndexArray<std::int64_t>& row_starts,
                                                     const IndexArray<std::int32_t>& columns,
                                                     const std::optional<IndexArray<std::int32_t>>& order) {
        Graph<Real> graph;
        graph.row_starts = values_of<std::int64_t>(row_starts);
        graph.columns = values_of<std::int32_t>(columns);
        if (order) graph.order = values_of<std::int32_t>(*order);
        const Options options{static_cast<std::ptrdiff_t>(row_starts.size()) - 1};
        return make([&](auto& network) { return Network<Real>::create(options, graph, network); });
    }

    //! A network that others have too, with the lock that all of them take.
    NetworkHandle(std::shared_ptr<Network<Real>> network, std::shared_ptr<NetworkLock> lock)
        : network_(std::move(network)), lock_(std::move(lock)) {}

    void update(py::handle input, py::handle dt_object, py::handle learn_object) {
        const double dt = time_step(dt_object);
        const bool learn = truth(learn_object, "learn");
        if (PyFloat_CheckExact(input.ptr())) return update_uniform(input, dt, learn);
        // The common case of a control loop: no conversion, no new object.
        if (py::isinstance<py::array>(input)) {
            const auto array = py::reinterpret_borrow<py::array>(input);
            if (array.ndim() == 0) return update_uniform(input, dt, learn);
            if (can_be_read_in_place<double>(array, network_->n_nodes()))
                return raise_unless_stepped(step(values_of<double>(array), dt, learn), array);
            if (can_be_read_in_place<float>(array, network_->n_nodes()))
                return raise_unless_stepped(step(values_of<float>(array), dt, learn), array);
        }
        const py::array array = real_array(input, "input_signal");
        if (array.ndim() == 0) return update_uniform(array, dt, learn);
        require_input_shape(array, network_->n_nodes(), "input_signal");
        const Vector vector = converted<double>(array);
        raise_unless_stepped(step(values_of<double>(vector), dt, learn), array);
    }

    //! Advances by many steps. `name` is what errors call the inputs.
    void run(py::handle inputs, py::handle steps, py::handle dt, py::handle hold, py::handle learn, const char* name) {
        SignalCheck signals;
        run_with(inputs, steps, dt, hold, learn, name, [&](const Inputs& taken, double step, std::int64_t& completed) {
            return network_->run(taken, step, signals.interrupt(), completed);
        });
        if (PyErr_Occurred() != nullptr) throw py::error_already_set();
    }

    //! The same, while others look on: see RunObservers. An exception of theirs is raised, and so is Ctrl-C. `skip`:
    //! see Inputs.
    void watched_run(py::handle inputs, py::handle steps, py::handle dt, py::handle hold, py::handle learn,
                     const py::object& recording, const py::sequence& callbacks, std::int64_t skip) {
        RunObservers<Real> observers(recording, callbacks, network_->n_nodes(), shown_);
        run_with(inputs, steps, dt, hold, learn, "inputs", [&](Inputs taken, double step, std::int64_t& completed) {
            taken.skip = skip;
            return network_->run(taken, step, observers, observers.interrupt(), completed);
        });
        observers.raise_error();
    }

    //! Refuses what a run would refuse; returns the number of its steps.
    std::int64_t check_run(py::handle inputs_object, py::handle steps, py::handle dt, py::handle hold,
                           py::handle learn) const {
        time_step(dt);
        truth(learn, "learn");
        const py::array array = real_array(inputs_object, "inputs");
        const Inputs inputs = inputs_of(array, network_->n_nodes(), steps, hold, "inputs");
        const Vector values = converted<double>(array);
        if (!detail::kernels<double>().all_finite(values.data(), values.size())) raise_not_finite(array, "inputs");
        return inputs.rows * inputs.hold;
    }

    //! Rows of the weights of the moment that a callback looks at, where the network's own are not; else None.
    py::object moment_weights() {
        if (!has_weights_elsewhere()) return py::none();
        if (!shown_.weights) {
            py::array_t<Real> weights({network_->row_count(), network_->n_nodes()});
            shown_.moment->own_weights(network_->first_row(), network_->row_count(), weights.mutable_data());
            py::detail::array_proxy(weights.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
            shown_.weights = weights;
        }
        return shown_.weights;
    }

    //! Returns the number of rows shown. `offsets` has shape (rows, n); NaN is a silent node.
    std::int64_t entrain(const py::array& offsets, py::handle fading_factor) {
        const std::optional<double> fading = fading_of(fading_factor);
        return is_float32(offsets) ? entrain_with<float>(offsets, fading) : entrain_with<double>(offsets, fading);
    }

    //! The same for rows of data (N, d), finite, whose offsets are projection x + shift.
    std::int64_t entrain_encoded(const py::array& rows_array, const py::array& projection_array,
                                 const py::array& shift_array, py::handle fading_factor) {
        const std::optional<double> fading = fading_of(fading_factor);
        const py::ssize_t n = network_->n_nodes(), columns = rows_array.shape(1);
        require_shape(projection_array, "projection", {n, columns});
        require_shape(shift_array, "shift", {n});
        const auto rows = converted<Real>(rows_array), projection = converted<Real>(projection_array);
        const Vector shift = converted<double>(shift_array);
        const Encoding<Real> encoding{values_of<Real>(projection), values_of<double>(shift)};
        const auto data = values_of<Real>(rows);
        return finish_entraining([&](Interrupt interrupt, std::int64_t& completed) {
            return network_->entrain(data, encoding, fading, interrupt, completed);
        });
    }

    using SetVector = Status (Network<Real>::*)(span<const double>) noexcept;

    void set_vector(const char* name, SetVector set, py::handle object) {
        const Vector values = finite_vector(object, name, network_->n_nodes());
        check_range(lock_->hold([&] { return (*network_.*set)(values_of<double>(values)); }), name);
    }

    void set_weight_rows(std::int64_t first, const py::array& rows) {
        if (is_float32(rows))
            set_weight_rows_of<float>(first, rows);
        else
            set_weight_rows_of<double>(first, rows);
    }

    void set_weights(py::handle object) {
        const py::array array = real_array(object, "weights");
        require_shape(array, "weights", {network_->n_nodes(), network_->n_nodes()});
        set_weight_rows(0, array);
    }

    void set_edge_weights(const py::array& weights) {
        if (is_float32(weights))
            set_edge_weights_of<float>(weights);
        else
            set_edge_weights_of<double>(weights);
    }

    //! Copies weights of edges from `first` on into `out`, of the network's dtype.
    void copy_edge_weights(std::int64_t first, py::array_t<Real, py::array::c_style> out) {
        const span<Real> values(out.mutable_data(), static_cast<std::size_t>(out.size()));
        raise_unless_ok(
            reading([&](const Network<Real>& network) { return network.copy_edge_weights(first, values); }));
    }

    void set_clock(std::int64_t step_count, double time) {
        raise_unless_ok(lock_->hold([&] { return network_->set_clock(step_count, time); }));
    }

    void set_noise_seed(std::uint64_t seed) {
        lock_->hold([&] { network_->set_noise_seed(seed); });
    }

    void set_presentation_count(std::int64_t count) {
        raise_unless_ok(lock_->hold([&] { return network_->set_presentation_count(count); }));
    }

    double hyperparameter(const std::string& name) const {
        return network_->hyperparameters().*hyperparameter_rule(name).member;
    }

    void set_hyperparameter(const std::string& name, py::handle object) {
        const HyperparameterRule& wanted = hyperparameter_rule(name);
        const double value = real_number(object, wanted.name);
        const Status status = lock_->hold([&] {
            Hyperparameters changed = network_->hyperparameters();
            changed.*wanted.member = value;
            return network_->set_hyperparameters(changed);
        });
        if (status != Status::ok) throw py::value_error(name + " must be " + wanted.wanted + ", got " + shown(object));
    }

    void set_threads(py::handle object) {
        const int threads = thread_count(object);
        raise_unless_ok(lock_->hold([&] { return network_->set_threads(threads); }));
    }

    //! None stands for the default of the network's dtype.
    void set_tolerance(py::handle object) {
        const double tolerance = object.is_none() ? Network<Real>::default_tolerance : real_number(object, "tolerance");
        const Status status = lock_->hold([&] { return network_->set_tolerance(tolerance); });
        if (status != Status::ok) throw py::value_error("tolerance must be finite and > 0, got " + shown(object));
    }

    void pin(const py::array_t<std::int64_t, py::array::c_style>& nodes, py::handle amplitudes, py::handle phases) {
        const py::ssize_t count = nodes.size();
        const Vector held_amplitudes = finite_vector(amplitudes, "amplitudes", count);
        const Vector held_phases = phases.is_none() ? Vector(0) : finite_vector(phases, "phases", count);
        const auto where = values_of<std::int64_t>(nodes);
        const Status status = lock_->hold([&] {
            const span<const double> values(held_amplitudes.data(), where.size());
            if (phases.is_none()) return network_->pin(where, values);
            return network_->pin(where, values, {held_phases.data(), where.size()});
        });
        check_range(status, "amplitudes");
    }

    void unpin(const py::array_t<std::int64_t, py::array::c_style>& nodes) {
        const auto where = values_of<std::int64_t>(nodes);
        raise_unless_ok(lock_->hold([&] { return network_->unpin(where); }));
    }

    //! Take over everything of `other`, which nobody changes meanwhile.
    void assign(NetworkHandle& other) {
        raise_unless_ok(other.reading([&](const Network<Real>& network) { return network_->assign(network); }));
        if (!other.has_weights_elsewhere()) return;
        // Within a run cosines are of its own, and the growth of the weights is kept apart.
        raise_unless_ok(network_->set_phases(other.network_->phases()));
        constexpr py::ssize_t at_a_time = 64;
        const py::ssize_t n = network_->n_nodes(), end = network_->first_row() + network_->row_count();
        std::vector<Real> rows(static_cast<std::size_t>(at_a_time * n));
        for (py::ssize_t first = network_->first_row(); first < end; first += at_a_time) {
            const py::ssize_t count = std::min(at_a_time, end - first);
            other.shown_.moment->own_weights(first, count, rows.data());
            const span<const Real> made(rows.data(), static_cast<std::size_t>(count * n));
            raise_unless_ok(network_->set_weight_rows(first, made));
        }
    }

    //! From here to let_go(), what is read is of one moment: other threads wait, and this one can't change the network.
    void hold() {
        if (!sees_moment()) lock_->begin_moment();
    }
    void let_go() { lock_->end_moment(); }

    //! The same, but this thread may change it, and nobody else's call comes in between.
    void hold_to_change() { lock_->begin_change(); }

    //! See PinArrays.
    py::dict pins() {
        PinArrays<Real> arrays(network_->n_nodes());
        reading([&](const Network<Real>& network) { arrays.fill(network); });
        return arrays.dict();
    }

    //! See factor_arrays().
    py::dict factors() {
        // The lock holds while NumPy's arrays are made, so that a call of another thread doesn't come in between.
        hold();
        const auto let_go_at_end = [](NetworkHandle* self) { self->let_go(); };
        const std::unique_ptr<NetworkHandle, decltype(let_go_at_end)> held(this, let_go_at_end);
        return factor_arrays(network_->factors(), network_->row_count(), network_->n_nodes());
    }

    void set_factors(const py::dict& arrays) {
        take_factors(arrays, [](Network<Real>& network, const FactoredWeights<Real>& factors) {
            return network.set_factors(factors);
        });
    }
    void check_factors(const py::dict& arrays) {
        take_factors(arrays, [](Network<Real>& network, const FactoredWeights<Real>& factors) {
            return network.check_factors(factors);
        });
    }

    WeightError weight_error() {
        return reading([](const Network<Real>& network) { return network.weight_error(); });
    }

    //! See VectorArrays.
    py::dict vectors() {
        VectorArrays<Real> arrays(network_->n_nodes());
        reading([&](const Network<Real>& network) { arrays.fill(network, !has_weights_elsewhere()); });
        return arrays.dict();
    }

    //! Copies rows of weights from `first` on into `out`, (rows, n) of the network's dtype.
    void copy_weight_rows(std::int64_t first, py::handle out_object) {
        py::array out = in_place_array(out_object, "out");
        if (is_float32(out) != std::is_same_v<Real, float>) throw py::type_error("out must have the network's dtype");
        const py::ssize_t n = network_->n_nodes(), rows = out.ndim() == 2 ? out.shape(0) : 0;
        require_shape(out, "out", {rows, n});
        const py::ssize_t least = network_->first_row(), most = least + network_->row_count() - rows;
        if (first < least || first > most)
            throw py::value_error("first must be such that all rows are there, from " + std::to_string(least) + " to " +
                                  std::to_string(most) + ", got " + std::to_string(first));
        auto* to = static_cast<Real*>(out.mutable_data());
        if (has_weights_elsewhere()) return shown_.moment->own_weights(first, rows, to);
        reading([&](const Network<Real>& network) {
            for (py::ssize_t i = 0; i < rows; ++i)
                std::memcpy(to + i * n, network.weight_row(first + i).data(),
                            static_cast<std::size_t>(n) * sizeof(Real));
        });
    }

    //! What the next coupled step takes over; see vectors().
    void set_sums(py::handle cosine_object, py::handle sine_object) {
        const Vector cosine_sums = finite_vector(cosine_object, "cosine_sums", network_->n_nodes());
        const Vector sine_sums = finite_vector(sine_object, "sine_sums", network_->n_nodes());
        raise_unless_ok(lock_->hold(
            [&] { return network_->set_sums(values_of<double>(cosine_sums), values_of<double>(sine_sums)); }));
    }

    const Network<Real>& network() const { return *network_; }

private:
    //! A network that `create` makes, with a lock of its own.
    template <class Create>
    static std::unique_ptr<NetworkHandle> make(const Create& create) {
        std::unique_ptr<Network<Real>> network;
        Status status = Status::ok;
        {
            const WithoutGil without_gil;
            status = create(network);
        }
        raise_unless_ok(status);
        return std::make_unique<NetworkHandle>(std::move(network), std::make_shared<NetworkLock>());
    }

    static Options options_for(py::handle n_nodes) {
        const std::int64_t n = integer(n_nodes, "n_nodes");
        if (n < 1) throw py::value_error("n_nodes must be at least 1, got " + shown(n_nodes));
        Options options;
        options.n_nodes = static_cast<std::ptrdiff_t>(n);
        return options;
    }

    //! Status::interrupted is left to the caller.
    template <class Run>
    void run_with(py::handle inputs_object, py::handle steps, py::handle dt_object, py::handle hold_object,
                  py::handle learn_object, const char* name, const Run& run) {
        const double dt = time_step(dt_object);
        const bool learn = truth(learn_object, "learn");
        const py::array array = real_array(inputs_object, name);
        Inputs inputs = inputs_of(array, network_->n_nodes(), steps, hold_object, name);
        // A view of the network's own arrays would change while it is read.
        const bool own = network_->owns(array.data());
        const Vector values = converted<double>(own ? py::array(array.attr("copy")()) : array);
        inputs.values = values.data();

        std::int64_t completed = 0;
        const Status status = lock_->hold([&] {
            network_->set_learning(learn);
            return run(inputs, dt, completed);
        });
        if (status == Status::interrupted) return;
        if (status == Status::non_finite) raise_not_finite(array, name);
        raise_unless_advanced(status, name);
    }

    //! Whether the caller is a callback of a run of this network.
    bool sees_moment() const { return lock_->is_held_here() && shown_.moment != nullptr; }
    //! Whether the weights that it should see are not the network's own.
    bool has_weights_elsewhere() const { return sees_moment() && !shown_.moment->has_weights_of_network(); }

    //! All reading of more than a number comes through here: it decides which state `read` is given, and when.
    template <class Read>
    auto reading(const Read& read) {
        if (sees_moment()) return read(std::as_const(*network_));
        return lock_->read([&] { return read(std::as_const(*network_)); });
    }

    template <class Input>
    Status step(Input input, double dt, bool learn) {
        return lock_->hold([&] {
            network_->set_learning(learn);
            return network_->update(input, dt);
        });
    }

    static std::optional<double> fading_of(py::handle factor) {
        if (factor.is_none()) return {};
        return real_number(factor, "fading_factor");
    }

    template <class Source>
    std::int64_t entrain_with(const py::array& array, std::optional<double> fading_factor) {
        require_shape(array, "offsets", {array.shape(0), network_->n_nodes()});
        const auto rows = converted<Source>(array);
        const auto offsets = values_of<Source>(rows);
        return finish_entraining([&](Interrupt interrupt, std::int64_t& completed) {
            return network_->template entrain<Source>(offsets, fading_factor, interrupt, completed);
        });
    }

    template <class Entrain>
    std::int64_t finish_entraining(const Entrain& entrain) {
        SignalCheck signals;
        std::int64_t completed = 0;
        const Status status = lock_->hold([&] { return entrain(signals.interrupt(), completed); });
        if (status == Status::interrupted) throw py::error_already_set();
        if (status == Status::non_finite || status == Status::phase_overflow)
            throw py::value_error("data must be such that the encoder keeps phases finite, within the network's dtype");
        raise_unless_ok(status);
        return completed;
    }

    void update_uniform(py::handle input, double dt, bool learn) {
        const double value = real_number(input, "input_signal");
        const Status status = step(value, dt, learn);
        if (status == Status::non_finite) throw py::value_error("input_signal must be finite, got " + shown(input));
        raise_unless_advanced(status, "input_signal");
    }

    void raise_unless_stepped(Status status, const py::array& input) {
        if (status == Status::ok) return;
        if (status == Status::non_finite) raise_not_finite(input, "input_signal");
        raise_unless_advanced(status, "input_signal");
    }

    static void check_range(Status status, const char* name) {
        if (status == Status::non_finite)
            throw py::value_error(std::string(name) + " must be finite and within the range of the network's dtype");
        raise_unless_ok(status);
    }

    //! Does something with factors that come as arrays, or raises what is wrong with them.
    template <class Body>
    void take_factors(const py::dict& arrays, const Body& body) {
        const FactorsTaken<Real> taken(arrays, network_->row_count(), network_->n_nodes());
        const Status status = lock_->hold([&] { return body(*network_, taken.view); });
        if (status == Status::invalid_size)
            throw py::value_error("weights must have a rank that max_rank = " + std::to_string(network_->max_rank()) +
                                  " has room for, got " + std::to_string(taken.view.pair_weights.size()) +
                                  " pairs of vectors");
        check_range(status, "weights");
    }

    template <class Source>
    void set_weight_rows_of(std::int64_t first, const py::array& array) {
        const auto rows = converted<Source>(array);
        const auto values = values_of<Source>(rows);
        const Status status = lock_->hold([&] { return network_->set_weight_rows(first, values); });
        if (status == Status::non_finite) raise_not_finite(array, "weights");
        raise_unless_ok(status);
    }

    template <class Source>
    void set_edge_weights_of(const py::array& array) {
        const auto weights = converted<Source>(array);
        const auto values = values_of<Source>(weights);
        check_range(lock_->hold([&] { return network_->set_edge_weights(values); }), "weights");
    }

    std::unique_ptr<PythonExchange> exchange_;  //!< of a shard, for as long as the network
    std::shared_ptr<Network<Real>> network_;
    std::shared_ptr<NetworkLock> lock_;
    ShownMoment<Real> shown_;
};

}  // namespace resonance::python
