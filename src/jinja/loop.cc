#include "jinja/loop.h"

#include "jinja/compare.h"
#include "jinja/run.h"

namespace millrace::jinja {

void Loop::finish() {
  items_.clear();
  last_seen_.reset();
}

std::optional<Value> Loop::attribute(std::string_view name) const {
  if (name == "index") return Value(at_ + 1);
  if (name == "index0") return Value(at_);
  if (name == "first") return Value(at_ == 0);
  if (name == "last") return Value(at_ + 1 == count_);
  if (name == "length") return Value(count_);
  if (name == "revindex") return Value(count_ - at_);
  if (name == "revindex0") return Value(count_ - at_ - 1);
  if (name == "depth") return std::nullopt;
  if (name == "previtem" && at_ > 0 && at_ <= items_.size()) return items_[at_ - 1];
  if (name == "nextitem" && at_ + 1 < items_.size()) return items_[at_ + 1];
  return method(name);
}

std::optional<Value> Loop::method(std::string_view name) const {
  // attribute() is const for every object; these two only touch the loop's own memory.
  const auto self = std::const_pointer_cast<Loop>(shared_from_this());
  const Value held{std::static_pointer_cast<Object>(self)};
  if (name == "cycle") {
    const auto cycle = [self](Run& /*run*/, const Args& args) -> Result<Value> {
      if (args.positional.empty()) return Error{ErrorKind::invalid_input, "found nothing to cycle through", {}, {}};
      return args.positional[self->at_ % args.positional.size()];
    };
    return Value::function(Function{"cycle", cycle, held});
  }
  if (name == "changed")
    return Value::function(
        Function{"changed", [self](Run& run, const Args& args) { return self->changed(run, args); }, held});
  return std::nullopt;
}

Result<Value> Loop::changed(Run& run, const Args& args) {
  bool same = last_seen_.has_value() && last_seen_->size() == args.positional.size();
  for (std::size_t i = 0; same && i < args.positional.size(); ++i) {
    MR_TRY(same, equal((*last_seen_)[i], args.positional[i], run.meter()));
  }
  if (!done()) last_seen_ = args.positional;  // not after finish(): it would never be let go of
  return Value(!same);
}

}  // namespace millrace::jinja
