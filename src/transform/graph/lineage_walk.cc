// Walks a parsed SELECT: which columns of which relations each output column is made from.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <set>

#include "base/words.h"
#include "transform/graph/lineage.h"

namespace millrace::transform {
namespace {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;
using Array = simdjson::dom::array;

std::string text_of(const Object& o, std::string_view key) {
  std::string_view v;
  return o[key].get(v) == simdjson::SUCCESS ? std::string(v) : std::string();
}

std::optional<Object> object_in(const Object& o, std::string_view key) {
  Object v;
  return o[key].get(v) == simdjson::SUCCESS ? std::optional(v) : std::nullopt;
}

std::vector<Object> objects_in(const Object& o, std::string_view key) {
  std::vector<Object> out;
  Array list;
  if (o[key].get(list) != simdjson::SUCCESS) return out;
  for (const Element e : list)
    if (Object item; e.get(item) == simdjson::SUCCESS) out.push_back(item);
  return out;
}

/// What a FROM item gives: its columns with their origins.
struct Source {
  std::string alias;  ///< lower case; what qualifies its columns
  std::vector<ColumnLineage> columns;
  std::string base;  ///< of a table whose columns nobody knows: every name may be its; "" else
};

using Sources = std::vector<Source>;
using Ctes = std::map<std::string, std::vector<ColumnLineage>>;

void add(std::vector<ColumnOrigin>& to, const std::vector<ColumnOrigin>& more) {
  to.insert(to.end(), more.begin(), more.end());
  std::sort(to.begin(), to.end());
  to.erase(std::unique(to.begin(), to.end()), to.end());
}

void add(ColumnLineage& to, const ColumnLineage& more) {
  add(to.from, more.from);
  if (to.unknown.empty()) to.unknown = more.unknown;
}

class Walk {
 public:
  explicit Walk(const ColumnsOf& known) : known_(known) {}

  std::vector<ColumnLineage> query(const Object& node, Ctes ctes) {
    read_ctes(node, ctes);
    const std::string type = text_of(node, "type");
    if (type == "SELECT_NODE") return select(node, ctes);
    if (type == "SET_OPERATION_NODE") return set_operation(node, ctes);
    return {{"", {}, "the engine gives a " + type}};
  }

 private:
  void read_ctes(const Object& node, Ctes& ctes) {
    const auto map = object_in(node, "cte_map");
    if (!map) return;
    for (const Object& entry : objects_in(*map, "map")) {
      const std::string name = to_lower_ascii(text_of(entry, "key"));
      const auto value = object_in(entry, "value");
      const auto statement = value ? object_in(*value, "query") : std::nullopt;
      const auto inner = statement ? object_in(*statement, "node") : std::nullopt;
      // Inside of itself the name means the table outside, if there is one.
      std::vector<ColumnLineage> columns;
      if (inner) columns = query(*inner, ctes);
      Array aliases;
      std::size_t i = 0;
      if ((*value)["aliases"].get(aliases) == simdjson::SUCCESS)
        for (const Element e : aliases)
          if (std::string_view alias; i < columns.size() && e.get(alias) == simdjson::SUCCESS)
            columns[i++].column = alias;
      ctes[name] = std::move(columns);
    }
  }

  std::vector<ColumnLineage> set_operation(const Object& node, const Ctes& ctes) {
    std::vector<ColumnLineage> out;
    std::vector<Object> sides = objects_in(node, "children");
    for (const std::string_view side : {"left", "right"})
      if (const auto o = object_in(node, side)) sides.push_back(*o);
    for (const Object& side : sides) {
      const std::vector<ColumnLineage> columns = query(side, ctes);
      if (out.empty()) {
        out = columns;
        continue;
      }
      for (std::size_t i = 0; i < out.size() && i < columns.size(); ++i) add(out[i], columns[i]);
      if (has_star(columns)) doubt(out, "a side of the union has columns that are not known");
    }
    if (has_star(out)) doubt(out, "a side of the union has columns that are not known");
    if (const std::string kind = text_of(node, "setop_type"); kind.find("BY_NAME") != std::string::npos)
      doubt(out, "columns are matched by name");
    return out;
  }

  static bool has_star(const std::vector<ColumnLineage>& columns) {
    return std::any_of(columns.begin(), columns.end(), [](const ColumnLineage& c) { return c.column == "*"; });
  }
  /// Where positions or names cannot be trusted, nothing is claimed.
  static void doubt(std::vector<ColumnLineage>& columns, std::string_view why) {
    for (ColumnLineage& c : columns) c = {c.column, {}, std::string(why)};
  }

  std::vector<ColumnLineage> select(const Object& node, const Ctes& ctes) {
    Sources sources;
    if (const auto from = object_in(node, "from_table")) table(*from, ctes, sources);
    std::vector<ColumnLineage> out;
    for (const Object& item : objects_in(node, "select_list")) {
      if (text_of(item, "class") == "STAR") {
        const std::size_t from_here = out.size();
        star(item, sources, out);
        if (const std::string why = doubt_of_star(item, node); !why.empty()) {
          std::vector<ColumnLineage> doubted(out.begin() + static_cast<std::ptrdiff_t>(from_here), out.end());
          doubt(doubted, why);
          std::copy(doubted.begin(), doubted.end(), out.begin() + static_cast<std::ptrdiff_t>(from_here));
        }
        continue;
      }
      ColumnLineage c;
      c.column = output_name(item);
      expression(item, sources, out, ctes, c);
      out.push_back(std::move(c));
    }
    return out;
  }

  static bool has_entries(const Object& o, std::string_view key) {
    Array list;
    if (o[key].get(list) == simdjson::SUCCESS) return list.size() > 0;
    Object map;
    return o[key].get(map) == simdjson::SUCCESS && map.size() > 0;
  }

  /// A join that leaves columns out, or shows two as one.
  static bool is_narrowing(const Object& from) {
    if (text_of(from, "type") != "JOIN") return false;
    const std::string kind = text_of(from, "join_type"), how = text_of(from, "ref_type");
    if (has_entries(from, "using_columns") || kind == "SEMI" || kind == "ANTI" || how == "NATURAL") return true;
    for (const std::string_view side : {"left", "right"})
      if (const auto o = object_in(from, side); o && is_narrowing(*o)) return true;
    return false;
  }

  /// Why the columns of a star are not simply those of its relations; "" where they are.
  static std::string doubt_of_star(const Object& item, const Object& select) {
    bool columns = false;
    if (item["columns"].get(columns) == simdjson::SUCCESS && columns) return "COLUMNS(…) is not looked into";
    for (const std::string_view list : {"replace_list", "rename_list", "qualified_exclude_list"})
      if (has_entries(item, list))
        return "a star with REPLACE, RENAME or EXCLUDE of a table's column is not looked into";
    if (const auto from = object_in(select, "from_table"); from && is_narrowing(*from))
      return "a star over a join with USING, NATURAL, SEMI or ANTI is not looked into";
    return {};
  }

  void table(const Object& from, const Ctes& ctes, Sources& sources) {
    const std::string type = text_of(from, "type"), alias = to_lower_ascii(text_of(from, "alias"));
    if (type == "BASE_TABLE") return base_table(from, alias, ctes, sources);
    if (type == "JOIN") {
      for (const std::string_view side : {"left", "right"})
        if (const auto o = object_in(from, side)) table(*o, ctes, sources);
      return;
    }
    if (type == "SUBQUERY") {
      const auto statement = object_in(from, "subquery");
      const auto inner = statement ? object_in(*statement, "node") : std::nullopt;
      Source s{alias, {}, ""};
      if (inner) s.columns = query(*inner, ctes);
      renamed(from, s);
      sources.push_back(std::move(s));
      return;
    }
    if (type == "EMPTY" || type.empty()) return;
    sources.push_back({alias, {{"*", {}, fmt::format("a {} is not looked into", to_lower_ascii(type))}}, ""});
  }

  void base_table(const Object& from, const std::string& alias, const Ctes& ctes, Sources& sources) {
    const std::string name = to_lower_ascii(text_of(from, "table_name"));
    const std::string schema = to_lower_ascii(text_of(from, "schema_name"));
    Source s{alias.empty() ? name : alias, {}, ""};
    const auto cte = ctes.find(name);
    if (schema.empty() && cte != ctes.end()) {
      s.columns = cte->second;
    } else {
      const std::string relation = schema.empty() ? name : schema + "." + name;
      const auto known = known_.find(relation);
      if (known == known_.end()) {
        s.base = relation;
      } else {
        for (const std::string& column : known->second)
          s.columns.push_back({column, {{relation, to_lower_ascii(column)}}, ""});
      }
    }
    renamed(from, s);
    sources.push_back(std::move(s));
  }

  /// FROM t AS a(x, y)
  static void renamed(const Object& from, Source& s) {
    Array names;
    if (from["column_name_alias"].get(names) != simdjson::SUCCESS) return;
    std::size_t i = 0;
    for (const Element e : names)
      if (std::string_view name; i < s.columns.size() && e.get(name) == simdjson::SUCCESS) s.columns[i++].column = name;
  }

  static void star(const Object& item, const Sources& sources, std::vector<ColumnLineage>& out) {
    const std::string of = to_lower_ascii(text_of(item, "relation_name"));
    std::set<std::string> excluded;
    Array list;
    if (item["exclude_list"].get(list) == simdjson::SUCCESS)
      for (const Element e : list)
        if (std::string_view name; e.get(name) == simdjson::SUCCESS) excluded.insert(to_lower_ascii(name));
    for (const Source& s : sources) {
      if (!of.empty() && s.alias != of) continue;
      if (!s.base.empty()) out.push_back({"*", {}, fmt::format("the columns of {} are not known", s.base)});
      for (const ColumnLineage& c : s.columns)
        if (!excluded.contains(to_lower_ascii(c.column))) out.push_back(c);
    }
  }

  static std::string output_name(const Object& item) {
    const std::string alias = text_of(item, "alias");
    if (!alias.empty()) return alias;
    std::string last;
    Array names;
    if (item["column_names"].get(names) == simdjson::SUCCESS)
      for (const Element e : names)
        if (std::string_view name; e.get(name) == simdjson::SUCCESS) last = name;
    return last.empty() ? to_lower_ascii(text_of(item, "function_name")) : last;
  }

  /// Everything below an expression that is a column adds to `to`.
  void expression(const Element& e, const Sources& sources, const std::vector<ColumnLineage>& before, const Ctes& ctes,
                  ColumnLineage& to) {
    if (Object o; e.get(o) == simdjson::SUCCESS) return expression(o, sources, before, ctes, to);
    if (Array a; e.get(a) == simdjson::SUCCESS)
      for (const Element item : a) expression(item, sources, before, ctes, to);
  }

  void expression(const Object& o, const Sources& sources, const std::vector<ColumnLineage>& before, const Ctes& ctes,
                  ColumnLineage& to) {
    const std::string klass = text_of(o, "class");
    if (klass == "COLUMN_REF") return column(o, sources, before, to);
    if (klass == "SUBQUERY") {
      const auto statement = object_in(o, "subquery");
      const auto inner = statement ? object_in(*statement, "node") : std::nullopt;
      if (inner)
        for (const ColumnLineage& c : query(*inner, ctes)) add(to, c);
      // A name inside may be one of the query around it.
      if (to.unknown.empty()) to.unknown = "a subquery may read columns of the query around it";
      if (const auto child = object_in(o, "child")) expression(*child, sources, before, ctes, to);
      return;
    }
    if (klass == "STAR") return;  // count(*)
    if (klass == "LAMBDA") {
      to.unknown = "a lambda is not looked into";
      return;
    }
    for (const auto& [key, value] : o) expression(value, sources, before, ctes, to);
  }

  static void column(const Object& o, const Sources& sources, const std::vector<ColumnLineage>& before,
                     ColumnLineage& to) {
    std::vector<std::string> parts;
    Array names;
    if (o["column_names"].get(names) == simdjson::SUCCESS)
      for (const Element e : names)
        if (std::string_view name; e.get(name) == simdjson::SUCCESS) parts.push_back(to_lower_ascii(name));
    if (parts.empty()) return;
    const std::string of = parts.size() > 1 ? parts[parts.size() - 2] : "";
    const std::string& name = parts.back();
    const Source* open = nullptr;
    for (const Source& s : sources) {
      if (!of.empty() && s.alias != of) continue;
      for (const ColumnLineage& c : s.columns)
        if (to_lower_ascii(c.column) == name) return add(to, c);
      if (!s.base.empty() || (!s.columns.empty() && s.columns[0].column == "*")) open = &s;
    }
    // An alias of this SELECT, further to the left.
    if (of.empty())
      for (const ColumnLineage& c : before)
        if (to_lower_ascii(c.column) == name) return add(to, c);
    const auto candidates =
        std::count_if(sources.begin(), sources.end(), [](const Source& s) { return !s.base.empty(); });
    if (open != nullptr && !open->base.empty() && (!of.empty() || candidates == 1))
      return add(to, ColumnLineage{"", {{open->base, name}}, ""});
    if (to.unknown.empty())
      to.unknown = open != nullptr && !open->columns.empty() ? open->columns[0].unknown
                                                             : fmt::format("{} cannot be told apart", join(parts, "."));
  }

  const ColumnsOf& known_;
};

}  // namespace

Result<std::vector<ColumnLineage>> lineage_of_statement(std::string_view statement, const ColumnsOf& known) {
  simdjson::dom::parser parser;
  Element root;
  Object document, first, node;
  Array statements;
  const simdjson::padded_string padded(statement);
  const auto bad = [](std::string_view why) {
    return Error{ErrorKind::invalid_input, fmt::format("the engine's parse of the query: {}", why), {}, {}};
  };
  if (parser.parse(padded).get(root) != simdjson::SUCCESS || root.get(document) != simdjson::SUCCESS)
    return bad("no JSON");
  if (bool failed = false; document["error"].get(failed) == simdjson::SUCCESS && failed)
    return bad(text_of(document, "error_message"));
  if (document["statements"].get(statements) != simdjson::SUCCESS || statements.size() != 1 ||
      statements.at(0).get(first) != simdjson::SUCCESS || first["node"].get(node) != simdjson::SUCCESS)
    return bad("no single SELECT");
  return Walk(known).query(node, {});
}

}  // namespace millrace::transform
