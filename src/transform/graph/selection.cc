#include "transform/graph/selection.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "jinja/print.h"
#include "transform/graph/selector_text.h"
#include "transform/graph/wildcard.h"

namespace millrace::transform {
namespace {

using Set = std::vector<bool>;  // by NodeId

Error not_yet(const Criterion& c) {
  return {ErrorKind::unsupported,
          fmt::format("selection \"{}\": the method {} comes with a later version of millrace", c.text, c.method),
          "choose by name, tag:, path: or config.KEY:",
          {}};
}

/// "gold.orders" on [shop, gold, orders]: the leaf, a prefix, or a prefix without the package; with wildcards.
bool fits_fqn(const std::vector<std::string>& fqn, std::string_view value) {
  if (fqn.empty()) return false;
  if (value == fqn.back()) return true;
  const bool wild = has_wildcard(value);
  if (wild && fits(value, fqn.back())) return true;
  std::vector<std::string_view> parts;
  for (std::string_view rest = value;;) {
    const auto dot = rest.find('.');
    parts.push_back(rest.substr(0, dot));
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  const auto prefix = [&](std::size_t from) {
    if (parts.size() > fqn.size() - from) return false;
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (parts[i] != fqn[from + i] && !(wild && fits(parts[i], fqn[from + i]))) return false;
    return true;
  };
  return prefix(0) || (fqn.size() > 1 && prefix(1));
}

bool fits_path(const Node& n, std::string_view value) {
  while (value.starts_with("./")) value.remove_prefix(2);
  while (value.size() > 1 && value.ends_with('/')) value.remove_suffix(1);
  const auto under = [&](std::string_view path) {
    if (path == value) return true;
    if (path.size() > value.size() && path.starts_with(value) && path[value.size()] == '/') return true;
    if (!has_wildcard(value)) return false;
    if (fits(value, path)) return true;
    // A pattern for a folder takes what lies below.
    for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1))
      if (fits(value, path.substr(0, slash))) return true;
    return false;
  };
  if (under(n.original_path)) return true;
  return !n.patch_path.empty() && under(std::string_view(n.patch_path).substr(n.patch_path.find("://") + 3));
}

std::string_view file_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool fits_file(const Node& n, std::string_view value) {
  const std::string_view file = file_of(n.original_path);
  return fits(value, file) || fits(value, file.substr(0, file.rfind('.')));
}

bool fits_text(std::string_view pattern, std::string_view text) {
  return pattern == text || (has_wildcard(pattern) && fits(pattern, text));
}

/// "raw", "raw.orders", "shop.raw.orders".
bool fits_source(const Node& n, std::string_view value) {
  if (!n.source) return false;
  std::vector<std::string_view> parts;
  for (std::string_view rest = value;;) {
    const auto dot = rest.find('.');
    parts.push_back(rest.substr(0, dot));
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  const std::string& source = n.source->source_name;
  if (parts.size() == 1) return fits_text(parts[0], source);
  if (parts.size() == 2) return fits_text(parts[0], source) && fits_text(parts[1], n.name);
  return parts.size() == 3 && fits_text(parts[0], n.package) && fits_text(parts[1], source) &&
         fits_text(parts[2], n.name);
}

bool value_fits(const jinja::Value& v, std::string_view wanted) {
  if (v.is(jinja::Kind::list)) {
    for (const jinja::Value& item : v.items())
      if (value_fits(item, wanted)) return true;
    return false;
  }
  const auto text = jinja::to_text(v);
  if (!text) return false;
  return fits_text(wanted, *text) || (v.is(jinja::Kind::boolean) && to_lower_ascii(wanted) == to_lower_ascii(*text));
}

/// config.materialized:table, config.meta.owner:ann
bool fits_config(const Node& n, std::string_view key, std::string_view wanted) {
  if (key == "materialized") return fits_text(wanted, n.materialized());
  if (key == "enabled") return to_lower_ascii(wanted) == (n.disabled ? "false" : "true");
  const auto dot = key.find('.');
  const jinja::Value* v = n.config.find(key.substr(0, dot));
  for (std::string_view rest = dot == std::string_view::npos ? "" : key.substr(dot + 1);
       v != nullptr && !rest.empty();) {
    const auto next = rest.find('.');
    v = v->is(jinja::Kind::dict) ? v->dict_entries().find(rest.substr(0, next)) : nullptr;
    rest = next == std::string_view::npos ? "" : rest.substr(next + 1);
  }
  if (v == nullptr) return false;
  if (v->is(jinja::Kind::dict)) return v->dict_entries().find(wanted) != nullptr;
  return value_fits(*v, wanted);
}

bool fits_test_type(const Node& n, std::string_view value) {
  if (!n.is_test()) return false;
  if (value == "data") return true;
  if (value == "generic" || value == "schema") return n.generic.has_value();
  return value == "singular" && !n.generic;
}

bool fits_tag(const Project& project, const Node& n, std::string_view value) {
  for (const std::string& tag : n.config.texts("tags"))
    if (fits_text(value, tag)) return true;
  // A column's tag is a tag of the tests on it.
  if (!n.generic || n.generic->column.empty()) return false;
  for (const Column& c : project.nodes[n.generic->about].columns)
    if (c.name == n.generic->column)
      for (const std::string& tag : c.tags)
        if (fits_text(value, tag)) return true;
  return false;
}

/// A method that names nothing that is a node here: metrics and the like.
bool is_carried(std::string_view method) {
  return method == "metric" || method == "semantic_model" || method == "saved_query" || method == "unit_test" ||
         method == "function";
}

class Selector {
 public:
  Selector(const Project& project, const Graph& graph, const SelectionRequest& request)
      : project_(project), graph_(graph), request_(request) {}

  Result<Selection> run() {
    Selection out;
    Set chosen(project_.nodes.size(), request_.select.empty());
    if (!request_.select.empty()) {
      MR_TRY(chosen, union_of(request_.select, out.warnings, request_.indirect));
    }
    // What is left out takes its tests along.
    MR_TRY(const Set excluded, union_of(request_.exclude, out.warnings, Indirect::eager));
    for (const NodeId id : graph_.order()) {
      const Node& n = project_.nodes[id];
      if (!chosen[id] || excluded[id] || !of_wanted_type(n)) continue;
      out.nodes.push_back(id);
    }
    return out;
  }

 private:
  [[nodiscard]] bool of_wanted_type(const Node& n) const {
    if (request_.resource_types.empty()) return true;
    return std::any_of(request_.resource_types.begin(), request_.resource_types.end(),
                       [&](const std::string& t) { return t == "all" || t == "default" || t == name_of(n.type); });
  }

  Result<Set> union_of(const std::vector<std::string>& texts, std::vector<std::string>& warnings, Indirect indirect) {
    Set out(project_.nodes.size(), false);
    for (const std::string& text : texts)
      for (const std::string& token : tokens_of(text)) {
        MR_TRY(const Set one, intersection_of(token, warnings, indirect));
        for (NodeId id = 0; id < out.size(); ++id)
          if (one[id]) out[id] = true;
      }
    // What no token has alone, all of them together may have: both parents of a test.
    if (indirect == Indirect::cautious || indirect == Indirect::buildable) add_tests(out, indirect);
    return out;
  }

  Result<Set> intersection_of(const std::string& token, std::vector<std::string>& warnings, Indirect indirect) {
    MR_TRY(const std::vector<Criterion> parts, parse_intersection(token));
    Set out;
    for (const Criterion& c : parts) {
      MR_TRY(Set one, matched(c));
      with_neighbours(c, one);
      add_tests(one, indirect);
      if (out.empty()) {
        out = std::move(one);
        continue;
      }
      for (NodeId id = 0; id < out.size(); ++id) out[id] = out[id] && one[id];
    }
    if (std::find(out.begin(), out.end(), true) == out.end())
      warnings.push_back(fmt::format("The selection criterion '{}' does not match any enabled nodes", token));
    return out;
  }

  Result<Set> matched(const Criterion& c) {
    Set out(project_.nodes.size(), false);
    if (c.method == "exposure") return exposures(c);
    if (is_carried(c.method) || c.method == "state" || c.method == "selector" || c.method == "source_status" ||
        c.method == "result" || c.method == "version")
      return not_yet(c);
    for (const NodeId id : graph_.order()) out[id] = fits_one(project_.nodes[id], c);
    return out;
  }

  [[nodiscard]] bool fits_one(const Node& n, const Criterion& c) const {
    const std::string_view m = c.method, v = c.value;
    if (m.empty()) {
      if (v.find('/') != std::string_view::npos) return fits_path(n, v);
      if (v.ends_with(".sql") || v.ends_with(".py") || v.ends_with(".csv")) return fits_file(n, v);
      return n.type != ResourceType::source && fits_fqn(n.fqn, v);
    }
    if (m == "fqn" || m == "name") return n.type != ResourceType::source && fits_fqn(n.fqn, v);
    if (m == "tag") return fits_tag(project_, n, v);
    if (m == "path") return fits_path(n, v);
    if (m == "file") return fits_file(n, v);
    if (m == "package") return fits_text(v == "this" ? std::string_view(project_.name) : v, n.package);
    if (m == "source") return fits_source(n, v);
    if (m == "config") return fits_config(n, c.argument, v);
    if (m == "resource_type") return v == name_of(n.type);
    if (m == "test_type") return fits_test_type(n, v);
    if (m == "test_name") return n.generic && fits_text(v, n.generic->name);
    if (m == "group" || m == "access") return fits_config(n, m, v);
    return false;
  }

  Result<Set> exposures(const Criterion& c) {
    Set out(project_.nodes.size(), false);
    // An exposure is no node here: by itself it chooses nothing that runs, with a + what it is made from.
    if (!c.parents) return out;
    const auto take = [&](const std::unordered_map<std::string, std::vector<NodeId>>& index, const std::string& name) {
      const auto it = index.find(name);
      if (it == index.end()) return;
      for (const NodeId id : it->second) out[id] = !project_.nodes[id].disabled;
    };
    for (const Carried& e : project_.carried) {
      if (e.kind != "exposure" || !fits_text(c.value, e.name)) continue;
      for (const RefCall& ref : e.refs) take(project_.refables, ref.name);
      for (const SourceCall& s : e.sources) take(project_.source_tables, s.source + "." + s.table);
    }
    return out;
  }

  static std::vector<NodeId> list_of(const Set& set) {
    std::vector<NodeId> out;
    for (NodeId id = 0; id < set.size(); ++id)
      if (set[id]) out.push_back(id);
    return out;
  }

  void with_neighbours(const Criterion& c, Set& set) const {
    const std::vector<NodeId> own = list_of(set);
    if (c.childs_parents) {
      std::vector<NodeId> all = graph_.descendants(own);
      for (const NodeId id : all) set[id] = true;
      all.insert(all.end(), own.begin(), own.end());
      for (const NodeId id : graph_.ancestors(all)) set[id] = true;
      return;
    }
    if (c.parents)
      for (const NodeId id : graph_.ancestors(own, c.parents_depth)) set[id] = true;
    if (c.children)
      for (const NodeId id : graph_.descendants(own, c.children_depth)) set[id] = true;
  }

  /// Tests follow what they test.
  void add_tests(Set& set, Indirect indirect) const {
    if (indirect == Indirect::empty) return;
    Set buildable = set;
    if (indirect == Indirect::buildable)
      for (const NodeId id : graph_.ancestors(list_of(set))) buildable[id] = true;
    std::vector<NodeId> added;
    for (const NodeId id : graph_.order()) {
      if (set[id] || !project_.nodes[id].is_test()) continue;
      const auto& parents = graph_.parents(id);
      if (parents.empty()) continue;
      const auto in = [](const Set& s) { return [&s](NodeId p) { return s[p]; }; };
      const bool any = std::any_of(parents.begin(), parents.end(), in(set));
      const bool follows = indirect == Indirect::eager ? any
                           : indirect == Indirect::cautious
                               ? std::all_of(parents.begin(), parents.end(), in(set))
                               : any && std::all_of(parents.begin(), parents.end(), in(buildable));
      if (follows) added.push_back(id);
    }
    for (const NodeId id : added) set[id] = true;
  }

  const Project& project_;
  const Graph& graph_;
  const SelectionRequest& request_;
};

}  // namespace

Result<Selection> select(const Project& project, const Graph& graph, const SelectionRequest& request) {
  return Selector(project, graph, request).run();
}

Status check_selector(std::string_view text) {
  for (const std::string& token : tokens_of(text)) MR_CHECK(parse_intersection(token));
  return ok();
}

}  // namespace millrace::transform
