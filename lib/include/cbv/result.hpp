// A value or an error, for parsers whose failure is an ordinary outcome (C++20 has no
// std::expected). It is not for misuse by the caller: that throws std::logic_error.
#pragma once

#include <stdexcept>
#include <utility>
#include <variant>

namespace cbv {

/// Holds either a `T` or an `E`. Access to the absent one throws std::logic_error.
template <class T, class E>
class result {
public:
    /// Implicit, so that a function can return either.
    result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    result(E error) : state_(std::in_place_index<1>, std::move(error)) {}

    /// Whether a value is held.
    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value; std::logic_error if an error is held.
    [[nodiscard]] const T& value() const& {
        if (!has_value())
            throw std::logic_error("cbv::result: value() called on an error");
        return *std::get_if<0>(&state_);
    }
    [[nodiscard]] T&& value() && {
        if (!has_value())
            throw std::logic_error("cbv::result: value() called on an error");
        return std::move(*std::get_if<0>(&state_));
    }
    /// The error; std::logic_error if a value is held.
    [[nodiscard]] const E& error() const {
        if (has_value())
            throw std::logic_error("cbv::result: error() called on a value");
        return *std::get_if<1>(&state_);
    }
    /// As value().
    const T& operator*() const& { return value(); }
    const T* operator->() const { return &value(); }

private:
    std::variant<T, E> state_;
};

} // namespace cbv
