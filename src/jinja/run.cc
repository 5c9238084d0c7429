#include "jinja/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/words.h"

namespace millrace::jinja {

std::optional<Value> MapScope::find(std::string_view name) const {
  if (const auto at = values_.find(name); at != values_.end()) return at->second;
  return behind_ == nullptr ? std::nullopt : behind_->find(name);
}

std::vector<std::string> MapScope::names() const {
  std::vector<std::string> out = behind_ == nullptr ? std::vector<std::string>{} : behind_->names();
  for (const auto& [name, value] : values_) out.push_back(name);
  return out;
}

Result<Value> Run::call(const Value& callee, const Args& args) {
  MR_CHECK(meter_.spend());
  MR_CHECK(meter_.check_stack());
  switch (callee.kind()) {
    case Kind::function: return callee.function().call(*this, args);
    case Kind::object:
      if (callee.object()->callable()) return callee.object()->call(*this, args);
      break;
    case Kind::undefined:
      if (callee.absence().mode == Missing::callable) return callee;
      return Error{ErrorKind::invalid_input, callee.absence().message(), {}, {}};
    default: break;
  }
  return Error{
      ErrorKind::invalid_input, fmt::format("found {}, expected something to call", callee.type_name()), {}, {}};
}

Value Run::missing(std::string_view name, std::string_view owner) const {
  return Value::undefined({std::string(name), std::string(owner), options_.missing});
}

std::string Run::call_site() const { return site_.source == nullptr ? "" : site_.source->where(site_.offset); }

Error Run::located(const Source& source, std::uint32_t offset, Error error) {
  if (returning_ || error.message == located_message_) return error;
  error = source.located(std::move(error), offset);
  located_message_ = error.message;
  return error;
}

}  // namespace millrace::jinja
