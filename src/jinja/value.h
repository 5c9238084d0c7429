#pragma once
/// \file jinja/value.h
/// The values a template computes with: Python's, as far as Jinja shows them.
///
/// Lists, dicts and namespaces are shared and mutable as in Python, so they are held by shared_ptr;
/// copying a Value copies the reference. They never contain themselves (the mutating methods refuse),
/// so reference counting frees everything.
/// Threads: a Value and all it reaches belong to one thread at a time.

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace millrace::jinja {

enum class Kind : std::uint8_t {
  none,
  undefined,
  boolean,
  integer,
  real,
  text,
  list,
  dict,
  tuple,
  name_space,
  function,
  object
};

/// How an undefined value behaves.
enum class Missing : std::uint8_t {
  permissive,  ///< prints '', is falsy, its attributes are undefined again; calling it is an error
  strict,      ///< every use but `is defined` and `default` is an error that names it
  callable,    ///< permissive, and calling it gives undefined: for a pass that only collects names
};

/// What was looked for and not found.
struct Absence {
  std::string name;
  std::string owner;  ///< type of the value that lacks it; empty for a variable
  Missing mode = Missing::permissive;
  [[nodiscard]] std::string message() const;  ///< "'x' is undefined", "'dict' has no attribute 'x'"
};

class Dict;
class Object;
class Run;
class Value;
struct Function;
struct List;

/// Arguments of a call, `*` and `**` already spread; no name occurs twice.
struct Args {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;
  [[nodiscard]] const Value* find(std::string_view name) const;  ///< null if not passed by name
};

/// `run` is the rendering that calls; use it to call other values, never keep it.
using Callback = std::function<Result<Value>(Run& run, const Args& args)>;

class Value {
 public:
  Value() = default;  ///< none
  template <std::same_as<bool> B>
  Value(B truth) : v_(std::in_place_index<2>, truth) {}  // NOLINT: implicit on purpose, as all of these
  template <std::integral N>
  requires(!std::same_as<N, bool> && !std::same_as<N, char>) Value(N number)  // NOLINT
      : v_(std::in_place_index<3>, static_cast<std::int64_t>(number)) {}
  Value(double number) : v_(std::in_place_index<4>, number) {}  // NOLINT
  Value(std::string text)
      : v_(std::in_place_index<5>, std::make_shared<const std::string>(std::move(text))) {}  // NOLINT
  Value(std::string_view text) : Value(std::string(text)) {}                                 // NOLINT
  Value(const char* text) : Value(std::string(text)) {}                                      // NOLINT
  Value(std::shared_ptr<Object> object) : v_(std::in_place_index<11>, std::move(object)) {}  // NOLINT

  static Value undefined(Absence absence);
  static Value list(std::vector<Value> items = {});
  static Value tuple(std::vector<Value> items = {});
  static Value dict();              ///< a new, empty dict
  static Value dict(Dict entries);  ///< a new dict
  static Value name_space(Dict entries);
  static Value function(std::string name, Callback call);
  static Value function(Function function);

  [[nodiscard]] Kind kind() const { return static_cast<Kind>(v_.index()); }
  [[nodiscard]] bool is(Kind kind) const { return this->kind() == kind; }
  /// int or bool, as Python counts True as 1.
  [[nodiscard]] bool is_integral() const { return is(Kind::integer) || is(Kind::boolean); }
  [[nodiscard]] bool is_number() const { return is_integral() || is(Kind::real); }

  // Each requires the kind it names; integer() also takes a bool, real() any number, dict() a namespace.
  [[nodiscard]] bool boolean() const { return std::get<2>(v_); }
  [[nodiscard]] std::int64_t integer() const { return is(Kind::boolean) ? boolean() : std::get<3>(v_); }
  [[nodiscard]] double real() const { return is(Kind::real) ? std::get<4>(v_) : static_cast<double>(integer()); }
  [[nodiscard]] const std::string& text() const { return *std::get<5>(v_); }
  [[nodiscard]] std::vector<Value>& list_items() const;   ///< shared with every copy
  [[nodiscard]] const std::vector<Value>& items() const;  ///< of a list or tuple
  [[nodiscard]] Dict& dict_entries() const;               ///< shared with every copy
  [[nodiscard]] const Absence& absence() const { return *std::get<1>(v_); }
  [[nodiscard]] const Function& function() const { return *std::get<10>(v_); }
  [[nodiscard]] const std::shared_ptr<Object>& object() const { return std::get<11>(v_); }

  /// Address of the shared part; null for scalars. Equal addresses: the same list, dict, ...
  [[nodiscard]] const void* identity() const;
  /// As in messages: "int", "str", "list", "none", a host object's own name.
  [[nodiscard]] std::string type_name() const;

 private:
  struct Space {
    std::shared_ptr<Dict> dict;
  };
  std::variant<std::monostate, std::shared_ptr<const Absence>, bool, std::int64_t, double,
               std::shared_ptr<const std::string>, std::shared_ptr<List>, std::shared_ptr<Dict>,
               std::shared_ptr<const List>, Space, std::shared_ptr<const Function>, std::shared_ptr<Object>>
      v_;
};

/// The items of a list or tuple. Destroying deeply nested ones takes no deep stack.
struct List {
  explicit List(std::vector<Value> v) : items(std::move(v)) {}
  List(const List&) = delete;
  List& operator=(const List&) = delete;
  ~List();
  std::vector<Value> items;
};

struct Function {
  std::string name;  ///< for messages
  Callback call;
  Value self = {};  ///< what a method is bound to; none for plain functions
};

}  // namespace millrace::jinja

#include "jinja/dict.h"    // IWYU pragma: export
#include "jinja/object.h"  // IWYU pragma: export
