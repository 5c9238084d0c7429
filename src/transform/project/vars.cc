#include "transform/project/vars.h"

namespace millrace::transform {
namespace {

using jinja::Kind;
using jinja::Value;

const Value* in(const Value& vars, std::string_view name) {
  return vars.is(Kind::dict) ? vars.dict_entries().find(name) : nullptr;
}

/// `vars:` of a package, first what stands under `scope`, then what stands for all.
const Value* scoped(const Value& vars, std::string_view scope, std::string_view name) {
  if (const Value* part = in(vars, scope); part != nullptr && part->is(Kind::dict))
    if (const Value* v = in(*part, name)) return v;
  return in(vars, name);
}

}  // namespace

const Value* own_var_of(const Project& project, std::string_view package, std::string_view name) {
  const Package* p = project.package(package);
  return p == nullptr ? nullptr : scoped(p->settings.vars, package, name);
}

const Value* var_of(const Project& project, const Invocation& invocation, std::string_view package,
                    std::string_view name) {
  if (const Value* v = in(invocation.vars, name)) return v;
  if (!project.packages.empty())
    if (const Value* v = scoped(project.root().settings.vars, package, name)) return v;
  return own_var_of(project, package, name);
}

}  // namespace millrace::transform
