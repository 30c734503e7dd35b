//! Factored weights as NumPy arrays, and back.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <vector>

#include "arguments.hpp"
#include "resonance/factors.hpp"

namespace resonance::python {

//! Numbers of a group: its core, whether it is compressible, its reach.
inline constexpr py::ssize_t kGroupNumbers = 6;

//! Copies: `pairs` are (2 pairs, nodes), `groups` (groups, 6), `numbers` base_factor, discarded, rounded, decayed,
//! full_at and largest; `base` is (nodes, n) or None. `nodes` are those that there are rows of.
template <class Real>
py::dict factor_arrays(const FactoredWeights<Real>& factors, py::ssize_t nodes, py::ssize_t n) {
    const auto rows = [](const Real* from, py::ssize_t stride, py::ssize_t count, py::ssize_t width) {
        py::array_t<Real> array({count, width});
        for (py::ssize_t row = 0; row < count; ++row)
            std::copy_n(from + row * stride, width, array.mutable_data() + row * width);
        return array;
    };
    const auto count = [](auto values) { return static_cast<py::ssize_t>(values.size()); };
    py::array_t<double> groups({count(factors.groups), kGroupNumbers});
    for (std::size_t k = 0; k < factors.groups.size(); ++k) {
        const FactorGroup& group = factors.groups[k];
        const FactorCore& core = group.core;
        const double row[] = {core.uu, core.uv, core.vu, core.vv, group.compressible ? 1.0 : 0.0, group.reach};
        std::copy_n(row, kGroupNumbers, groups.mutable_data() + static_cast<py::ssize_t>(k) * kGroupNumbers);
    }
    const double numbers[] = {factors.base_factor,
                              factors.discarded,
                              factors.rounded,
                              factors.decayed,
                              static_cast<double>(factors.full_at),
                              static_cast<double>(factors.largest)};
    py::dict arrays;
    arrays["pairs"] = rows(factors.rows, factors.row_stride, 2 * count(factors.pair_weights), nodes);
    arrays["pair_weights"] = py::array_t<double>(count(factors.pair_weights), factors.pair_weights.data());
    arrays["pair_groups"] = py::array_t<std::uint8_t>(count(factors.pair_groups), factors.pair_groups.data());
    arrays["groups"] = groups;
    arrays["numbers"] = py::array_t<double>(std::size(numbers), numbers);
    arrays["pivots"] = py::array_t<std::int64_t>(count(factors.pivots), factors.pivots.data());
    arrays["base"] =
        factors.base == nullptr ? py::object(py::none()) : rows(factors.base, factors.base_stride, nodes, n);
    return arrays;
}

//! The arrays of a dict as factor_arrays() makes them, and the view of them that the core takes.
template <class Real>
class FactorsTaken {
public:
    FactorsTaken(const py::dict& arrays, py::ssize_t nodes, py::ssize_t n)
        : pairs_(taken<Real>(arrays, "pairs")),
          base_(arrays["base"].is_none() ? Plain<Real>() : taken<Real>(arrays, "base")),
          weights_(taken<double>(arrays, "pair_weights")),
          numbers_(taken<double>(arrays, "numbers")),
          pair_groups_(arrays["pair_groups"].cast<py::array_t<std::uint8_t, py::array::c_style>>()),
          pivots_(arrays["pivots"].cast<py::array_t<std::int64_t, py::array::c_style>>()) {
        const auto groups = taken<double>(arrays, "groups");
        require_shape(pairs_, "pairs", {2 * weights_.size(), nodes});
        require_shape(weights_, "pair_weights", {weights_.size()});
        require_shape(pair_groups_, "pair_groups", {weights_.size()});
        require_shape(groups, "groups", {groups.shape(0), kGroupNumbers});
        require_shape(numbers_, "numbers", {6});
        require_shape(pivots_, "pivots", {pivots_.size()});
        if (!arrays["base"].is_none()) require_shape(base_, "base", {nodes, n});
        for (py::ssize_t k = 0; k < groups.shape(0); ++k) {
            const double* row = groups.data() + k * kGroupNumbers;
            groups_.push_back({{row[0], row[1], row[2], row[3]}, row[4] != 0, row[5]});
        }
        const double* numbers = numbers_.data();
        for (const int k : {4, 5})
            if (!(numbers[k] >= 0 && numbers[k] <= 1e9))
                throw py::value_error("numbers must hold counts of pairs from 0 to 1e9");
        view.rows = pairs_.data();
        view.row_stride = nodes;
        view.pair_weights = values_of<double>(weights_);
        view.pair_groups = values_of<std::uint8_t>(pair_groups_);
        view.groups = {groups_.data(), groups_.size()};
        view.base = arrays["base"].is_none() ? nullptr : base_.data();
        view.base_stride = n;
        view.base_factor = numbers[0];
        view.discarded = numbers[1];
        view.rounded = numbers[2];
        view.decayed = numbers[3];
        view.full_at = static_cast<std::int64_t>(numbers[4]);
        view.largest = static_cast<std::int64_t>(numbers[5]);
        view.pivots = values_of<std::int64_t>(pivots_);
    }

    FactoredWeights<Real> view;

private:
    template <class T>
    static Plain<T> taken(const py::dict& arrays, const char* name) {
        return converted<T>(real_array(arrays[name], name));
    }

    Plain<Real> pairs_, base_;
    Vector weights_, numbers_;
    py::array_t<std::uint8_t, py::array::c_style> pair_groups_;
    py::array_t<std::int64_t, py::array::c_style> pivots_;
    std::vector<FactorGroup> groups_;
};

}  // namespace resonance::python
