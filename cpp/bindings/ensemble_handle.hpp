//! An ensemble and its lock, which its networks share, as Python holds them.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "ensemble_watch.hpp"
#include "network_handle.hpp"
#include "network_lock.hpp"
#include "resonance/ensemble.hpp"
#include "strided.hpp"

namespace resonance::python {

template <class Real>
class EnsembleHandle {
public:
    EnsembleHandle(std::int64_t n_networks, std::int64_t n_nodes) {
        Status status = Status::ok;
        {
            const WithoutGil without_gil;
            std::unique_ptr<Ensemble<Real>> made;
            status = Ensemble<Real>::create(static_cast<std::ptrdiff_t>(n_networks), options(n_nodes), made);
            ensemble_ = std::move(made);
        }
        raise_unless_ok(status);
    }

    static std::size_t storage_size(std::int64_t n_networks, std::int64_t n_nodes) {
        return Ensemble<Real>::storage_size(static_cast<std::ptrdiff_t>(n_networks), options(n_nodes));
    }

    //! Network `index`: the same memory, the same lock; it keeps the ensemble alive.
    NetworkHandle<Real> network(std::int64_t index) const {
        return {std::shared_ptr<Network<Real>>(ensemble_, &(*ensemble_)[static_cast<std::ptrdiff_t>(index)]), lock_};
    }

    //! Returns the number of steps done. `name` is what errors call the inputs, `progress` is called now and then with
    //! that number so far, `recording` is None or what RecordingArrays take.
    std::int64_t run(py::handle inputs_object, py::handle steps, py::handle dt_object, py::handle hold_object,
                     py::handle learn_object, const char* name, const py::object& progress,
                     const py::object& recording) {
        const double dt = time_step(dt_object);
        const bool learn = truth(learn_object, "learn");
        const py::array array = real_array(inputs_object, name);
        EnsembleInputs inputs = inputs_of(array, steps, hold_object, name);
        // Views of the networks' own arrays would change while they are read.
        const Strided values(array, ensemble_->owns(array.data()));
        inputs.values = values.data();
        if (array.ndim() > 1) inputs.network_stride = values.stride(0);
        if (array.ndim() == 3) inputs.row_stride = values.stride(1);
        inputs.per_node = array.ndim() > 0 && values.stride(array.ndim() - 1) != 0;

        std::int64_t completed = 0;
        EnsembleWatch<Real> watch(progress, recording, count(), ensemble_->n_nodes(), completed);
        const Status status = lock_->hold([&] {
            ensemble_->set_learning(learn);
            watch.begin((*ensemble_)[0].step_count(), (*ensemble_)[0].time(), dt);
            return ensemble_->run(inputs, dt, watch.observers(), watch.interrupt(), completed);
        });
        // Where networks have diverged, nobody was asked.
        if (status == Status::diverged) watch.note_clocks();
        if (status == Status::interrupted) watch.raise_error();
        if (status == Status::non_finite) values.raise_not_finite(name);
        if (status == Status::diverged) raise_diverged(completed);
        raise_unless_advanced(status, name);
        return completed;
    }

    //! Refuses what is no run, but for values that are not finite; returns the number of its steps.
    std::int64_t check_run(py::handle inputs_object, py::handle steps, py::handle dt, py::handle hold,
                           py::handle learn) const {
        time_step(dt);
        truth(learn, "learn");
        const EnsembleInputs inputs = inputs_of(real_array(inputs_object, "inputs"), steps, hold, "inputs");
        return inputs.rows * inputs.hold;
    }

    //! Steps that each network does before the next one has its turn.
    std::int64_t segment_steps() const { return Ensemble<Real>::segment_steps(count(), ensemble_->n_nodes()); }

    using SetVector = typename NetworkHandle<Real>::SetVector;

    //! `array` has shape (B, n).
    void set_vectors(const char* name, SetVector set, const py::array& array) {
        require_shape(array, name, {count(), ensemble_->n_nodes()});
        // Phases and frequencies are float64 whatever Real is.
        constexpr SetVector set_amplitudes = &Network<Real>::set_amplitudes;
        if (set == set_amplitudes)
            set_rows(NetworkRows<Real>(array, name), set);
        else
            set_rows(NetworkRows<double>(array, name), set);
    }

    //! `array` has shape (B, n, n), and its values fit into Real.
    void set_weights(const py::array& array) {
        const py::ssize_t n = ensemble_->n_nodes();
        require_shape(array, "weights", {count(), n, n});
        if (is_float32(array))
            set_weights_of<float>(array);
        else
            set_weights_of<double>(array);
    }

    py::array_t<double> hyperparameters(const std::string& name) {
        const HyperparameterRule& wanted = hyperparameter_rule(name);
        py::array_t<double> values(count());
        lock_->hold([&] {
            for (std::ptrdiff_t k = 0; k < count(); ++k)
                values.mutable_data()[k] = (*ensemble_)[k].hyperparameters().*wanted.member;
        });
        return values;
    }

    //! `array` has shape (B,).
    void set_hyperparameters(const std::string& name, const py::array& array) {
        const HyperparameterRule& wanted = hyperparameter_rule(name);
        require_shape(array, wanted.name, {count()});
        const Vector values = converted<double>(array);
        for (std::ptrdiff_t k = 0; k < count(); ++k) {
            Hyperparameters checked;
            checked.*wanted.member = values.data()[k];
            if (validate(checked) != Status::ok)
                throw py::value_error(name + " must be " + wanted.wanted + ", got " +
                                      py::str(py::float_(values.data()[k])).cast<std::string>() + " for network " +
                                      std::to_string(k));
        }
        lock_->hold([&] {
            for (std::ptrdiff_t k = 0; k < count(); ++k) {
                Hyperparameters changed = (*ensemble_)[k].hyperparameters();
                changed.*wanted.member = values.data()[k];
                static_cast<void>((*ensemble_)[k].set_hyperparameters(changed));
            }
        });
    }

    //! Of the ensemble, and of its networks for calls of their own.
    void set_threads(py::handle object) {
        const int threads = thread_count(object);
        for_all([&](Network<Real>& network, std::ptrdiff_t) { return network.set_threads(threads); });
        raise_unless_ok(lock_->hold([&] { return ensemble_->set_threads(threads); }));
    }

    //! Amplitudes and phases, or None, have shape (B, k) for k nodes.
    void pin(const py::array_t<std::int64_t, py::array::c_style>& nodes, const py::array& amplitudes,
             const py::object& phases) {
        const auto where = values_of<std::int64_t>(nodes);
        const NetworkRows<Real> held(checked_pins(amplitudes, "amplitudes", nodes.size()), "amplitudes");
        if (phases.is_none()) {
            for_all([&](Network<Real>& network, std::ptrdiff_t k) { return network.pin(where, held[k]); });
            return;
        }
        const NetworkRows<double> turned(checked_pins(phases.cast<py::array>(), "phases", nodes.size()), "phases");
        for_all([&](Network<Real>& network, std::ptrdiff_t k) { return network.pin(where, held[k], turned[k]); });
    }

    void unpin(const py::array_t<std::int64_t, py::array::c_style>& nodes) {
        const auto where = values_of<std::int64_t>(nodes);
        for_all([&](Network<Real>& network, std::ptrdiff_t) { return network.unpin(where); });
    }

    //! Take over everything of `other`, an ensemble of the same sizes; nobody changes this one meanwhile.
    void assign(EnsembleHandle& other) {
        raise_unless_ok(other.lock_->read([&] {
            Status status = ensemble_->set_threads(other.ensemble_->threads_setting());
            for (std::ptrdiff_t k = 0; k < count() && status == Status::ok; ++k)
                status = (*ensemble_)[k].assign((*other.ensemble_)[k]);
            return status;
        }));
    }

    //! Which networks the last run has driven beyond the range of their dtype.
    py::array_t<bool> diverged() const {
        py::array_t<bool> mask(count());
        for (std::ptrdiff_t k = 0; k < count(); ++k)
            mask.mutable_data()[k] = ensemble_->statuses()[static_cast<std::size_t>(k)] == Status::diverged;
        return mask;
    }

    py::array_t<std::int64_t> step_counts() const {
        py::array_t<std::int64_t> values(count());
        for (std::ptrdiff_t k = 0; k < count(); ++k) values.mutable_data()[k] = (*ensemble_)[k].step_count();
        return values;
    }

    py::array_t<double> times() const {
        py::array_t<double> values(count());
        for (std::ptrdiff_t k = 0; k < count(); ++k) values.mutable_data()[k] = (*ensemble_)[k].time();
        return values;
    }

    const Ensemble<Real>& ensemble() const { return *ensemble_; }

private:
    static Options options(std::int64_t n_nodes) {
        Options made;
        made.n_nodes = static_cast<std::ptrdiff_t>(n_nodes);
        made.threads = 0;
        return made;
    }

    std::ptrdiff_t count() const { return ensemble_->n_networks(); }

    //! Calls body(network, index) for all networks, whose arguments have been checked.
    template <class Body>
    void for_all(const Body& body) {
        raise_unless_ok(lock_->hold([&] {
            for (std::ptrdiff_t k = 0; k < count(); ++k)
                if (const Status status = body((*ensemble_)[k], k); status != Status::ok) return status;
            return Status::ok;
        }));
    }

    template <class Rows>
    void set_rows(const Rows& rows, SetVector set) {
        for_all([&](Network<Real>& network, std::ptrdiff_t k) { return (network.*set)(rows[k]); });
    }

    template <class Source>
    void set_weights_of(const py::array& array) {
        const py::array different = distinct(array);
        const bool square = different.shape(1) == array.shape(1) && different.shape(2) == array.shape(2);
        const auto values = converted<Source>(square ? different : array);
        const auto size = static_cast<std::size_t>(array.shape(1) * array.shape(2));
        const std::size_t stride = values.shape(0) == 1 ? 0 : size;
        for_all([&](Network<Real>& network, std::ptrdiff_t k) {
            return network.set_weight_rows(
                0, span<const Source>(values.data() + static_cast<std::size_t>(k) * stride, size));
        });
    }

    py::array checked_pins(const py::array& array, const char* name, py::ssize_t nodes) const {
        require_shape(array, name, {count(), nodes});
        return array;
    }

    [[noreturn]] void raise_diverged(std::int64_t completed) const {
        constexpr std::ptrdiff_t shown_at_most = 10;
        std::ptrdiff_t found = 0;
        std::string which;
        for (std::ptrdiff_t k = 0; k < count(); ++k) {
            if (ensemble_->statuses()[static_cast<std::size_t>(k)] == Status::ok) continue;
            if (found++ < shown_at_most) which += (which.empty() ? "" : ", ") + std::to_string(k);
        }
        if (found > shown_at_most) which += ", ...";
        const std::string text = std::to_string(found) + " of " + std::to_string(count()) + " networks (" + which +
                                 ") have grown beyond the range of their dtype, in their weights or in what these "
                                 "drive through the coupling; all others have done " +
                                 std::to_string(completed) +
                                 " steps of this call. Reset them, and lower their learning_rate, coupling or pinned "
                                 "amplitudes, or set decay below 1";
        PyErr_SetString(PyExc_FloatingPointError, text.c_str());
        throw py::error_already_set();
    }

    EnsembleInputs inputs_of(const py::array& array, py::handle steps, py::handle hold, const char* name) const {
        EnsembleInputs inputs;
        if (array.ndim() > 0) require_input_shape(array, name);
        if (array.ndim() < 3) {
            inputs.hold = held_steps(steps, hold, name, {"a number, one row or one row a network", "(B, T, n)"});
            return inputs;
        }
        inputs.rows = array.shape(1);
        inputs.hold = steps_per_row(array, inputs.rows, steps, hold);
        return inputs;
    }

    void require_input_shape(const py::array& array, const char* name) const {
        const py::ssize_t n = ensemble_->n_nodes(), axes = array.ndim();
        if (axes <= 3 && array.shape(axes - 1) == n && (axes == 1 || array.shape(0) == count())) return;
        const std::string networks = std::to_string(count()), nodes = std::to_string(n);
        throw py::value_error(std::string(name) + " must be a number or have shape (" + nodes + ",), (" + networks +
                              ", " + nodes + ") or (" + networks + ", T, " + nodes + "), got shape " + shape_of(array));
    }

    std::shared_ptr<Ensemble<Real>> ensemble_;
    std::shared_ptr<NetworkLock> lock_ = std::make_shared<NetworkLock>();
};

}  // namespace resonance::python
