#include "transform/run/node_runner.h"

#include <fmt/format.h>

#include "base/failpoint.h"
#include "transform/run/hooks.h"
#include "transform/run/persist_docs.h"
#include "transform/run/schedule.h"
#include "transform/run/seed_build.h"

namespace millrace::transform {
namespace {

/// The message with the calls that led there, as the result of a node.
void set_error(NodeResult& result, Error error) {
  result.status = RunStatus::error;
  result.message = std::move(error.message);
  for (const std::string& step : error.trail) result.message += "\n  " + step;
  result.hint = std::move(error.hint);
  result.failures = -1;
  result.rows = -1;
}

/// "gold.v_orders.order_id"; "" where no single thing is tested.
std::string about_of(const Project& project, const Node& node) {
  if (!node.generic || node.generic->about == kNoNode) return {};
  std::string out = project.nodes[node.generic->about].relation.text();
  if (!node.generic->column.empty()) out += "." + node.generic->column;
  return out;
}

bool makes_relation(const Node& node) { return !node.is_test() && !node.relation.identifier.empty(); }

}  // namespace

NodeRunner::NodeRunner(const RunParts& parts, const RunRequest& request)
    : parts_(parts),
      request_(request),
      catalogue_(*parts.session),
      files_(request.written_to),
      order_(schedule(*parts.project, *parts.graph, request)) {
  results_.reserve(order_.size());
  parts_.renderer->look_into(&catalogue_);
}

NodeRunner::~NodeRunner() { parts_.renderer->look_into(nullptr); }

Status NodeRunner::prepare() {
  MR_CHECK(catalogue_.load());
  if (request_.compile_only) return ok();
  const auto need = [&](const Relation& relation) -> Status {
    if (catalogue_.has_schema(relation)) return ok();
    MR_CHECK(parts_.session->query({"schema " + relation.schema, schema_sql(parts_.session->dialect(), relation)}));
    catalogue_.add_schema(relation);
    return ok();
  };
  for (const NodeId id : order_) {
    const Node& node = parts_.project->nodes[id];
    if (makes_relation(node)) MR_CHECK(need(node.relation));
    if (!node.is_test()) continue;
    const auto plan = test_plan(node, *parts_.target, request_.store_failures);
    if (plan && plan->stores) MR_CHECK(need(plan->store));  // what is wrong with it, is said when it runs
  }
  return ok();
}

Status NodeRunner::check_cancelled() const {
  if (!request_.cancelled || !request_.cancelled()) return ok();
  return Error{ErrorKind::cancelled, "the run was cancelled", {}, {}};
}

Status NodeRunner::run_project_hooks(bool at_start) {
  MR_TRY(const std::vector<ProjectHook> hooks, project_hooks(*parts_.project, at_start));
  const Node nobody;
  for (const ProjectHook& hook : hooks) {
    MR_TRY(const std::string sql, parts_.renderer->render_for_project(hook.text, hook.name));
    Execution on(*parts_.session, catalogue_, nobody, "");
    MR_CHECK(on.run_written(sql, hook.name));
  }
  return ok();
}

NodeResult NodeRunner::begin(std::size_t index) {
  const NodeId id = order_[index];
  const Node& node = parts_.project->nodes[id];
  NodeResult r;
  r.node = id;
  r.unique_id = node.unique_id;
  r.type = node.type;
  r.name = node.name;
  r.path = node.original_path;
  r.about = about_of(*parts_.project, node);
  r.materialized = node.materialized();
  if (makes_relation(node)) r.relation = node.relation.text();
  return r;
}

const NodeResult* NodeRunner::end(std::size_t index, NodeResult result) {
  results_.push_back(std::move(result));
  if (request_.on_done) request_.on_done(results_.back(), index + 1, order_.size());
  return &results_.back();
}

Result<const NodeResult*> NodeRunner::run(std::size_t index, bool own_transaction) {
  NodeResult r = begin(index);
  if (request_.on_start) request_.on_start(r, index + 1, order_.size());
  r.compile_started = parts_.clock->now();
  if (auto done = work_on(order_[index], r, own_transaction); !done) {
    if (ends_the_run(done.error())) return std::move(done).error();
    set_error(r, std::move(done).error());
    if (own_transaction) MR_CHECK(catalogue_.load());  // what the node has changed, is rolled back
  }
  r.execute_done = parts_.clock->now();
  return end(index, std::move(r));
}

Result<const NodeResult*> NodeRunner::compile(std::size_t index) {
  NodeResult r = begin(index);
  if (request_.on_start) request_.on_start(r, index + 1, order_.size());
  r.compile_started = parts_.clock->now();
  r.status = RunStatus::success;
  if (auto done = compile_node(order_[index], r); !done) {
    if (ends_the_run(done.error())) return std::move(done).error();
    set_error(r, std::move(done).error());
  }
  r.execute_done = parts_.clock->now();
  return end(index, std::move(r));
}

void NodeRunner::skip(std::size_t index, std::string why) {
  NodeResult r = begin(index);
  r.message = std::move(why);
  r.compile_started = r.compile_done = r.execute_started = r.execute_done = parts_.clock->now();
  end(index, std::move(r));
}

Status NodeRunner::compile_node(NodeId id, NodeResult& result) {
  const Node& node = parts_.project->nodes[id];
  if (node.type != ResourceType::seed) {
    MR_CHECK(parts_.renderer->compile(id));
    MR_CHECK(files_.write_compiled(node));
  }
  result.compile_done = result.execute_started = parts_.clock->now();
  return ok();
}

Status NodeRunner::work_on(NodeId id, NodeResult& result, bool own_transaction) {
  const Node& node = parts_.project->nodes[id];
  MR_CHECK(check_supported(node));
  MR_CHECK(compile_node(id, result));
  Execution on(*parts_.session, catalogue_, node, files_.shown(node));
  Status done = node.is_test() ? test(on, result, own_transaction) : build(id, on, result, own_transaction);
  Status written = on.statements().empty() ? ok() : files_.write_run(node, on.statements());
  return done ? written : done;
}

Status NodeRunner::in_transaction(const std::string& id, bool own_transaction, const std::function<Status()>& work) {
  return own_transaction ? parts_.session->transact(id, work) : work();
}

Status NodeRunner::build(NodeId id, Execution& on, NodeResult& result, bool own_transaction) {
  MR_CHECK(run_hooks(id, on, "pre-hook", false));
  MR_CHECK(in_transaction(result.unique_id, own_transaction, [&] { return build_inside(id, on, result); }));
  MR_CHECK(run_hooks(id, on, "post-hook", false));
  result.status = RunStatus::success;
  return ok();
}

Status NodeRunner::build_inside(NodeId id, Execution& on, NodeResult& result) {
  MR_FAILPOINT("transform.node.before");
  MR_CHECK(run_hooks(id, on, "pre-hook", true));
  const bool full_refresh = parts_.renderer->full_refresh(id);
  auto built = on.node().type == ResourceType::seed ? build_seed(on, full_refresh, parts_.invocation->strict)
                                                    : build_model(on, full_refresh);
  if (!built) return std::move(built).error();
  result.rows = built->rows;
  result.message = result.adapter_message = built->message;
  MR_CHECK(persist_docs(on));
  MR_CHECK(run_hooks(id, on, "post-hook", true));
  MR_FAILPOINT("transform.node.after");
  return ok();
}

Status NodeRunner::test(Execution& on, NodeResult& result, bool own_transaction) {
  MR_TRY(const TestPlan plan, test_plan(on.node(), *parts_.target, request_.store_failures));
  const auto work = [&]() -> Status {
    MR_FAILPOINT("transform.node.before");
    MR_CHECK(run_data_test(on, plan, request_.warn_error, result));
    MR_FAILPOINT("transform.node.after");
    return ok();
  };
  MR_CHECK(in_transaction(result.unique_id, own_transaction && plan.stores, work));
  if (plan.stores) stores_.push_back(plan.store);
  return ok();
}

Status NodeRunner::run_hooks(NodeId id, Execution& on, std::string_view key, bool in_transaction) {
  MR_TRY(const std::vector<Hook> hooks, hooks_of(on.node(), key));
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    if (hooks[i].in_transaction != in_transaction) continue;
    const std::string name = fmt::format("{} ({} {})", on.node().original_path, key, i + 1);
    MR_TRY(const std::string sql, parts_.renderer->render_for(id, hooks[i].text, name));
    MR_CHECK(on.run_written(sql, name));
  }
  return ok();
}

bool NodeRunner::ends_the_run(const Error& error) const {
  if (error.message.find("database has been invalidated") != std::string::npos ||
      error.message.find("FATAL Error") != std::string::npos)
    return true;  // the engine has stopped itself
  switch (error.kind) {
    case ErrorKind::cancelled:
    case ErrorKind::commit_unknown: return true;
    case ErrorKind::conflict:
    case ErrorKind::unavailable: return request_.gate;  // all is one unit of work, which may be tried again as one
    default: return false;
  }
}

std::string sentence_about(const NodeResult& result) {
  const std::string_view type = name_of(result.type);
  const std::string& name =
      result.type == ResourceType::test || result.relation.empty() ? result.name : result.relation;
  const std::string first_line = result.message.substr(0, result.message.find('\n'));
  std::string out = fmt::format("{} {} failed: {}", type, name, first_line);
  if (result.status == RunStatus::fail && !result.examples.empty()) out += ", for example " + result.examples[0];
  return out;
}

}  // namespace millrace::transform
