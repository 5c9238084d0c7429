#pragma once
/// \file jinja/loop.h
/// The variable `loop` of a for.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/value.h"

namespace millrace::jinja {

/// index, index0, revindex, revindex0, first, last, length, previtem, nextitem, cycle(), changed().
class Loop : public Object, public std::enable_shared_from_this<Loop> {
 public:
  explicit Loop(std::vector<Value> items) : items_(std::move(items)), count_(items_.size()) {}
  [[nodiscard]] bool done() const { return at_ >= items_.size(); }
  [[nodiscard]] const Value& current() const { return items_[at_]; }
  void advance() { ++at_; }
  void finish();  ///< lets go of all values; the template may still hold the object

  [[nodiscard]] std::string type_name() const override { return "loop"; }
  [[nodiscard]] std::optional<Value> attribute(std::string_view name) const override;

 private:
  [[nodiscard]] std::optional<Value> method(std::string_view name) const;
  Result<Value> changed(Run& run, const Args& args);

  std::vector<Value> items_;
  std::size_t count_;
  std::size_t at_ = 0;
  std::optional<std::vector<Value>> last_seen_;  // by changed()
};

}  // namespace millrace::jinja
