#pragma once
/// \file base/result.h
/// Result<T>: a T or an Error, never dropped in silence. The member names are a subset of
/// std::expected's, which libstdc++ 12 offers only beyond C++20.

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <variant>

#include "base/error.h"

namespace millrace {

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : v_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : v_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit on purpose

  [[nodiscard]] bool has_value() const { return v_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  /// Requires: has_value(). Reading an absent value aborts with the error's message.
  T& operator*() & { return need(v_); }
  const T& operator*() const& { return need(v_); }
  T&& operator*() && { return std::move(need(v_)); }
  T* operator->() { return &need(v_); }
  const T* operator->() const { return &need(v_); }

  /// Requires: !has_value().
  const Error& error() const& { return std::get<1>(v_); }
  Error&& error() && { return std::get<1>(std::move(v_)); }

 private:
  template <class V>
  static auto& need(V& v) {
    if (auto* p = std::get_if<0>(&v)) return *p;
    std::fprintf(stderr, "Result read without a value: %s\n", std::get<1>(v).message.c_str());
    std::abort();
  }
  std::variant<T, Error> v_;
};

using Status = Result<std::monostate>;
inline Status ok() { return std::monostate{}; }

}  // namespace millrace

#define MR_CAT_(a, b) a##b
#define MR_CAT(a, b) MR_CAT_(a, b)
#define MR_TRY_(tmp, lhs, expr)            \
  auto tmp = (expr);                       \
  if (!tmp) return std::move(tmp).error(); \
  lhs = *std::move(tmp)
/// MR_TRY(auto rows, session.query(...)): the value, or return the error to our caller.
#define MR_TRY(lhs, ...) MR_TRY_(MR_CAT(mr_try_, __LINE__), lhs, (__VA_ARGS__))
/// MR_CHECK(step()): go on, or return the error to our caller.
#define MR_CHECK(...)                                                                    \
  do {                                                                                   \
    if (auto mr_check_ = (__VA_ARGS__); !mr_check_) return std::move(mr_check_).error(); \
  } while (false)
/// A broken invariant is a bug in Millrace: stop before it can do harm. Never for user input.
#define MR_INVARIANT(cond, what)                                                                     \
  do {                                                                                               \
    if (!(cond)) {                                                                                   \
      std::fprintf(stderr, "%s:%d: broken invariant: %s (%s)\n", __FILE__, __LINE__, (what), #cond); \
      std::abort();                                                                                  \
    }                                                                                                \
  } while (false)
