#pragma once
/// \file jinja/frame.h
/// The variables of one scope: a template, a macro call, one turn of a loop.

#include <memory>
#include <utility>
#include <vector>

#include "jinja/ast.h"
#include "jinja/value.h"

namespace millrace::jinja {

/// shared_ptr, because a macro defined inside sees these variables for as long as they are there; it
/// holds them weakly, or a macro kept in its own frame would never be freed.
struct Frame {
  std::vector<std::pair<Symbol, Value>> variables;
  std::shared_ptr<Frame> parent;

  void set(Symbol symbol, Value value) {
    for (auto& [s, v] : variables) {
      if (s != symbol) continue;
      v = std::move(value);
      return;
    }
    variables.emplace_back(symbol, std::move(value));
  }
  [[nodiscard]] const Value* find(Symbol symbol) const {
    for (const Frame* f = this; f != nullptr; f = f->parent.get())
      for (const auto& [s, v] : f->variables)
        if (s == symbol) return &v;
    return nullptr;
  }
};

}  // namespace millrace::jinja
