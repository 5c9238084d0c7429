#include "transform/run/hooks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace millrace::transform {
namespace {

using jinja::Kind;
using jinja::Value;

Error malformed(const Node& node, std::string_view key, const Value& value) {
  return {ErrorKind::invalid_input,
          fmt::format("{}: {}: found {}, expected SQL, or {{sql: …, transaction: true or false}}, or a list of them",
                      node.original_path, key, value.type_name()),
          {},
          {}};
}

Result<Hook> hook_of(const Node& node, std::string_view key, const Value& value) {
  Hook out;
  if (value.is(Kind::text)) {
    out.text = value.text();
    return out;
  }
  if (!value.is(Kind::dict)) return malformed(node, key, value);
  const Value* sql = value.dict_entries().find("sql");
  if (sql == nullptr || !sql->is(Kind::text)) return malformed(node, key, value);
  out.text = sql->text();
  const Value* transaction = value.dict_entries().find("transaction");
  if (transaction != nullptr && transaction->is(Kind::boolean)) out.in_transaction = transaction->boolean();
  return out;
}

bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Is `name` a word of its own inside some {{ }} or {% %}?
bool template_says(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at > 0 && (name_char(text[at - 1]) || text[at - 1] == '.')) || (end < text.size() && name_char(text[end])))
      continue;
    const std::string_view before = text.substr(0, at);
    const std::size_t open = std::max(before.rfind("{{") + 1, before.rfind("{%") + 1);  // npos + 1 is 0
    const std::size_t shut = std::max(before.rfind("}}") + 1, before.rfind("%}") + 1);
    if (open > shut) return true;
  }
  return false;
}

Status check_names(const ProjectHook& hook) {
  static constexpr std::array<std::string_view, 3> kAbsent{"results", "schemas", "database_schemas"};
  for (const std::string_view name : kAbsent)
    if (template_says(hook.text, name))
      return Error{ErrorKind::unsupported,
                   fmt::format("{}: '{}' is not supported in hooks of a run yet", hook.name, name),
                   "take the hook out, or write it without",
                   {}};
  return ok();
}

}  // namespace

Result<std::vector<Hook>> hooks_of(const Node& node, std::string_view key) {
  std::vector<Hook> out;
  const Value* value = node.config.find(key);
  if (value == nullptr || value->is(Kind::none)) return out;
  if (!value->is(Kind::list) && !value->is(Kind::tuple)) {
    MR_TRY(Hook hook, hook_of(node, key, *value));
    out.push_back(std::move(hook));
    return out;
  }
  for (const Value& item : value->items()) {
    MR_TRY(Hook hook, hook_of(node, key, item));
    out.push_back(std::move(hook));
  }
  return out;
}

Result<std::vector<ProjectHook>> project_hooks(const Project& project, bool at_start) {
  std::vector<const Package*> packages;
  for (const Package& p : project.packages) packages.push_back(&p);
  std::stable_sort(packages.begin(), packages.end(), [](const Package* a, const Package* b) {
    return a->is_root != b->is_root ? b->is_root : a->name < b->name;
  });
  std::vector<ProjectHook> out;
  for (const Package* package : packages) {
    const auto& texts = at_start ? package->settings.on_run_start : package->settings.on_run_end;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      out.push_back(
          {texts[i], fmt::format("{}: {} {}", package->name, at_start ? "on-run-start" : "on-run-end", i + 1)});
      MR_CHECK(check_names(out.back()));
    }
  }
  return out;
}

}  // namespace millrace::transform
