#include <fmt/format.h>

#include "jinja/compare.h"
#include "jinja/evaluator.h"
#include "jinja/loop.h"
#include "jinja/print.h"

namespace millrace::jinja {

Result<Evaluator::Flow> Evaluator::exec(const Body& body, std::string& out) {
  for (const Stmt& s : body) {
    if (auto fine = run_->meter_.spend(); !fine) return located(std::move(fine).error(), s.offset);
    if (auto fine = run_->meter_.check_stack(); !fine) return located(std::move(fine).error(), s.offset);
    MR_TRY(const Flow flow, std::visit([&](const auto& node) { return exec(node, s.offset, out); }, s.node));
    if (flow != Flow::normal) return flow;
  }
  return Flow::normal;
}

Status Evaluator::emit(std::string_view text, std::uint32_t at, std::string& out) {
  const std::size_t total = out.size() + text.size();
  if (total > run_->meter_.limits().output_bytes) return located(run_->meter_.spend_text(total).error(), at);
  if (auto fine = run_->meter_.spend_text(text.size()); !fine) return located(std::move(fine).error(), at);
  out += text;
  return ok();
}

Result<Evaluator::Flow> Evaluator::exec(const Data& n, std::uint32_t at, std::string& out) {
  MR_CHECK(emit(n.text, at, out));
  return Flow::normal;
}

Result<Evaluator::Flow> Evaluator::exec(const Output& n, std::uint32_t at, std::string& out) {
  MR_TRY(const Value v, eval(*n.value));
  if (v.is(Kind::text)) {
    MR_CHECK(emit(v.text(), at, out));
  } else {
    MR_AT(n.value->offset, const std::string text, to_text(v, run_->meter_));
    MR_CHECK(emit(text, at, out));
  }
  return Flow::normal;
}

Result<Evaluator::Flow> Evaluator::exec(const If& n, std::uint32_t /*at*/, std::string& out) {
  for (const auto& [condition, body] : n.branches) {
    MR_TRY(const bool holds, test(*condition));
    if (holds) return exec(body, out);
  }
  return exec(n.otherwise, out);
}

Result<std::vector<Value>> Evaluator::loop_items(const For& n) {
  MR_TRY(const Value over, eval(*n.over));
  MR_AT(n.over->offset, std::vector<Value> items, iterate(over, run_->meter_));
  if (!n.condition) return items;
  const std::shared_ptr<Frame> outside = frame_;
  frame_ = std::make_shared<Frame>(Frame{{}, outside});
  std::vector<Value> kept;
  const auto keep = [&]() -> Status {
    for (const Value& item : items) {
      MR_CHECK(assign(n.target, item));
      MR_TRY(const bool holds, test(*n.condition));
      if (holds) kept.push_back(item);
    }
    return ok();
  };
  Status done = keep();
  frame_ = outside;
  MR_CHECK(std::move(done));
  return kept;
}

Result<Evaluator::Flow> Evaluator::exec(const For& n, std::uint32_t /*at*/, std::string& out) {
  MR_TRY(std::vector<Value> items, loop_items(n));
  if (items.empty()) return in_inner_frame(n.otherwise, out);
  const std::shared_ptr<Frame> outside = frame_;
  frame_ = std::make_shared<Frame>(Frame{{}, outside});
  auto flow = loop_turns(n, std::move(items), out);
  frame_ = outside;
  return flow;
}

Result<Evaluator::Flow> Evaluator::loop_turns(const For& n, std::vector<Value> items, std::string& out) {
  const auto loop = std::make_shared<Loop>(std::move(items));
  // The template may have kept `loop` in a list that the loop goes over; finish() cuts that circle.
  struct Finish {
    Loop& loop;
    ~Finish() { loop.finish(); }
  } const finish{*loop};
  for (; !loop->done(); loop->advance()) {
    frame_->variables.clear();
    frame_->set(n.loop, Value(std::static_pointer_cast<Object>(loop)));
    MR_CHECK(assign(n.target, loop->current()));
    MR_TRY(const Flow flow, exec(n.body, out));
    if (flow == Flow::break_loop) break;
  }
  return Flow::normal;
}

Result<Evaluator::Flow> Evaluator::in_inner_frame(const Body& body, std::string& out) {
  const std::shared_ptr<Frame> outside = frame_;
  frame_ = std::make_shared<Frame>(Frame{{}, outside});
  auto flow = exec(body, out);
  frame_ = outside;
  return flow;
}

Status Evaluator::assign(const Target& target, const Value& value) {
  if (!target.attribute.empty()) return assign_attribute(target, value);
  if (target.parts.empty()) {
    frame_->set(target.symbol, value);
    return ok();
  }
  MR_AT(target.offset, const std::vector<Value> items, iterate(value, run_->meter_));
  if (items.size() != target.parts.size())
    return failed(target.offset, fmt::format("found {} values, expected {} to assign to as many names", items.size(),
                                             target.parts.size()));
  for (std::size_t i = 0; i < items.size(); ++i) MR_CHECK(assign(target.parts[i], items[i]));
  return ok();
}

Status Evaluator::assign_attribute(const Target& target, const Value& value) {
  const Value* space = frame_->find(target.symbol);
  const std::string& name = ast_->symbols[target.symbol];
  if (space == nullptr || !space->is(Kind::name_space))
    return failed(target.offset,
                  fmt::format("found {} in '{}', expected a namespace",
                              space == nullptr ? "undefined" : space->type_name(), name),
                  fmt::format("write {{% set {} = namespace() %}} first", name));
  const Value kept = *space;
  if (value.identity() != nullptr) {
    MR_AT(target.offset, const bool circle, reaches(value, kept.identity(), run_->meter_));
    if (circle) return failed(target.offset, "found a value that holds the namespace it would be put into");
  }
  kept.dict_entries().set(target.attribute, value);
  return ok();
}

Result<Evaluator::Flow> Evaluator::exec(const Set& n, std::uint32_t /*at*/, std::string& /*out*/) {
  MR_TRY(const Value value, eval(*n.value));
  MR_CHECK(assign(n.target, value));
  return Flow::normal;
}

Result<Value> Evaluator::piped_through(const ExprPtr& filters, std::string text) {
  if (!filters) return Value(std::move(text));
  const Value outside = std::exchange(piped_, Value(std::move(text)));
  auto value = eval(*filters);
  piped_ = outside;
  return value;
}

Result<Evaluator::Flow> Evaluator::exec(const SetBlock& n, std::uint32_t /*at*/, std::string& /*out*/) {
  std::string text;
  MR_TRY(const Flow flow, in_inner_frame(n.body, text));
  if (flow != Flow::normal) return flow;
  MR_TRY(const Value value, piped_through(n.filters, std::move(text)));
  MR_CHECK(assign(n.target, value));
  return Flow::normal;
}

Result<Evaluator::Flow> Evaluator::exec(const MacroDefinition& n, std::uint32_t /*at*/, std::string& /*out*/) {
  frame_->set(n.macro.symbol, macro_value(ast_, n.macro, frame_, globals_));
  return Flow::normal;
}

Result<Evaluator::Flow> Evaluator::exec(const Do& n, std::uint32_t /*at*/, std::string& /*out*/) {
  MR_TRY([[maybe_unused]] const Value dropped, eval(*n.value));
  return Flow::normal;
}

Result<Evaluator::Flow> Evaluator::exec(const CallBlock& n, std::uint32_t at, std::string& out) {
  const Value caller = macro_value(ast_, n.body, frame_, globals_);
  MR_TRY(const Value v, call_node(std::get<Call>(n.call->node), n.call->offset, &caller));
  MR_AT(n.call->offset, const std::string text, to_text(v, run_->meter_));
  MR_CHECK(emit(text, at, out));
  return Flow::normal;
}

Result<Evaluator::Flow> Evaluator::exec(const FilterBlock& n, std::uint32_t at, std::string& out) {
  std::string inner;
  MR_TRY(const Flow flow, in_inner_frame(n.body, inner));
  if (flow != Flow::normal) return flow;
  MR_TRY(const Value v, piped_through(n.filters, std::move(inner)));
  MR_AT(at, const std::string text, to_text(v, run_->meter_));
  MR_CHECK(emit(text, at, out));
  return Flow::normal;
}

Result<Evaluator::Flow> Evaluator::exec(const Jump& n, std::uint32_t /*at*/, std::string& /*out*/) {
  return n.is_break ? Flow::break_loop : Flow::continue_loop;
}

}  // namespace millrace::jinja
