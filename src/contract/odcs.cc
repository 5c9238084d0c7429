// Reading ODCS v3.1 documents into a Contract.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/files.h"
#include "base/sha256.h"
#include "base/words.h"
#include "base/yaml.h"
#include "contract/contract.h"

namespace millrace {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Place;

/// Keys of ODCS that describe and never change which rows are good: read past, on purpose.
constexpr std::array kDocumentTexts{"tenant",
                                    "domain",
                                    "dataProduct",
                                    "tags",
                                    "description",
                                    "servers",
                                    "support",
                                    "price",
                                    "team",
                                    "roles",
                                    "slaProperties",
                                    "slaDefaultElement",
                                    "authoritativeDefinitions",
                                    "customProperties",
                                    "contractCreatedTs",
                                    "name"};
constexpr std::array kPropertyTexts{"id",
                                    "businessName",
                                    "physicalName",
                                    "tags",
                                    "classification",
                                    "encryptedName",
                                    "transformSourceObjects",
                                    "transformLogic",
                                    "transformDescription",
                                    "examples",
                                    "criticalDataElement",
                                    "authoritativeDefinitions",
                                    "customProperties",
                                    "partitioned",
                                    "partitionKeyPosition",
                                    "relationships"};

Error waits(const Place& place, const Node& node, std::string_view what) {
  Error e = yaml::error_at(place, node, fmt::format("{} is not checked by this version of millrace", what),
                           "leave it out, or check it with a data test; a rule is never ignored in silence");
  e.kind = ErrorKind::unsupported;
  return e;
}

Result<ColumnType> decimal_of(const Place& place, const Node& node, std::string_view physical) {
  unsigned precision = 0, scale = 0;
  const auto open = physical.find('('), comma = physical.find(','), close = physical.find(')');
  const auto number = [&](std::size_t from, std::size_t to, unsigned& out) {
    const std::string_view digits = trimmed(physical.substr(from, to - from));
    return std::from_chars(digits.data(), digits.data() + digits.size(), out).ec == std::errc{};
  };
  if (open == std::string_view::npos || comma == std::string_view::npos || close == std::string_view::npos ||
      comma < open || close < comma || !number(open + 1, comma, precision) || !number(comma + 1, close, scale) ||
      precision < 1 || precision > 18 || scale > precision)
    return yaml::error_at(place, node,
                          fmt::format("found type \"{}\", expected decimal(p,s) with p up to 18", physical),
                          "write decimal(10,0) for whole numbers");
  return ColumnType{TypeKind::decimal, static_cast<std::uint8_t>(precision), static_cast<std::uint8_t>(scale)};
}

Result<ColumnType> read_type(Fields& f) {
  static const std::map<std::string, TypeKind, std::less<>> kTypes{
      {"string", TypeKind::text},     {"integer", TypeKind::int64}, {"number", TypeKind::float64},
      {"boolean", TypeKind::boolean}, {"date", TypeKind::date},     {"timestamp", TypeKind::timestamp}};
  MR_TRY(const std::string logical, f.text("logicalType"));
  MR_TRY(const std::string physical, f.text("physicalType", ""));
  const Place place = f.place().member("logicalType");
  const Node& node = *f.node().find("logicalType");
  const auto it = kTypes.find(logical);
  if (it == kTypes.end()) {
    for (std::string_view later : {"time", "object", "array"})
      if (logical == later) return waits(place, node, fmt::format("logicalType {}", logical));
    return yaml::error_at(
        place, node,
        fmt::format("found \"{}\", expected string, integer, number, boolean, date or timestamp", logical));
  }
  const std::string lower = to_lower_ascii(physical);
  if (it->second == TypeKind::float64 && (lower.starts_with("decimal") || lower.starts_with("numeric")))
    return decimal_of(f.place().member("physicalType"), *f.node().find("physicalType"), physical);
  return ColumnType{it->second};
}

Status read_options(Fields& f, ColumnContract& column) {
  const bool is_time = column.type.kind == TypeKind::timestamp || column.type.kind == TypeKind::date;
  if (is_time)
    column.format = column.type.kind == TypeKind::date ? TimeFormat::iso_date() : TimeFormat::iso_timestamp();
  MR_TRY(const Node* node, f.mapping("logicalTypeOptions"));
  if (node == nullptr) return ok();
  MR_TRY(Fields options, Fields::of(*node, f.place().member("logicalTypeOptions")));
  for (const auto& [key, value] : node->members) {
    const Place place = options.place().member(key);
    if (key != "format" || !is_time) return waits(place, value, fmt::format("option {}", key));
    MR_TRY(const std::string pattern, options.text("format"));
    auto format = TimeFormat::compile(pattern);
    if (!format) return yaml::error_at(place, value, format.error().message, format.error().hint);
    if (column.type.kind == TypeKind::date && format->has_time())
      return yaml::error_at(place, value, fmt::format("found a time in \"{}\", expected a date format", pattern),
                            "use logicalType: timestamp for date and time");
    column.format = *std::move(format);
  }
  return options.done();
}

Result<Severity> read_severity(Fields& f) {
  MR_TRY(const std::string text, f.text("severity", "error"));
  if (text == "error") return Severity::error;
  if (text == "warning" || text == "warn") return Severity::warning;
  return yaml::error_at(f.place().member("severity"), *f.node().find("severity"),
                        fmt::format("found \"{}\", expected error or warning", text));
}

Status read_accepted(Fields& rule, ColumnContract& column, Severity severity) {
  MR_TRY(const Node* node, rule.mapping("arguments"));
  if (node == nullptr)
    return yaml::error_at(rule.place(), rule.node(), "metric invalidValues has no arguments",
                          "add arguments: {validValues: [a, b]}");
  MR_TRY(Fields arguments, Fields::of(*node, rule.place().member("arguments")));
  if (const Node* pattern = arguments.any("pattern"))
    return waits(arguments.place().member("pattern"), *pattern, "argument pattern");
  MR_TRY(std::vector<std::string> values, arguments.texts("validValues"));
  MR_CHECK(arguments.done());
  MR_TRY(const std::int64_t most, rule.integer("mustBe", 0));
  if (most != 0 || column.type.kind != TypeKind::text || values.empty() || column.accepted)
    return waits(rule.place(), rule.node(),
                 "invalidValues other than one list of validValues with mustBe: 0 on a string");
  column.accepted.emplace(std::move(values), severity);
  return ok();
}

Status read_rule(const Node& node, const Place& place, ColumnContract& column) {
  MR_TRY(Fields rule, Fields::of(node, place));
  for (const char* told : {"id", "name", "description", "dimension", "businessImpact", "tags", "unit"})
    rule.ignore(told);
  MR_TRY(const std::string type, rule.text("type", "library"));
  MR_TRY(const Severity severity, read_severity(rule));
  MR_TRY(const std::string metric, rule.text("metric", ""));
  MR_TRY(const std::string engine, rule.text("engine", ""));
  MR_TRY(const std::string implementation, rule.text("implementation", ""));
  if (type == "text") return ok();
  if (type == "library" && metric == "invalidValues") {
    MR_CHECK(read_accepted(rule, column, severity));
  } else if (type == "custom" && engine == "millrace" && implementation == "not_in_future" && column.format) {
    column.not_in_future = severity;
  } else {
    return waits(place, node, fmt::format("quality rule {} {}", type, metric.empty() ? implementation : metric));
  }
  return rule.done();
}

Result<ColumnContract> read_column(const Node& node, const Place& place) {
  MR_TRY(Fields f, Fields::of(node, place));
  for (const char* told : kPropertyTexts) f.ignore(told);
  f.ignore("primaryKey");
  f.ignore("primaryKeyPosition");
  ColumnContract column;
  MR_TRY(column.name, f.text("name"));
  if (column.name.empty() || column.name.starts_with("_mr_"))
    return yaml::error_at(place.member("name"), *node.find("name"),
                          fmt::format("found \"{}\", expected a name that does not start with _mr_", column.name),
                          "names that start with _mr_ are millrace's own");
  MR_TRY(column.type, read_type(f));
  MR_TRY(column.description, f.text("description", ""));
  MR_TRY(column.required, f.boolean("required", false));
  MR_TRY(column.unique, f.boolean("unique", false));
  MR_CHECK(read_options(f, column));
  MR_TRY(const Node* rules, f.sequence("quality"));
  for (std::size_t i = 0; rules != nullptr && i < rules->items.size(); ++i)
    MR_CHECK(read_rule(rules->items[i], place.member("quality").item(i), column));
  MR_CHECK(f.done());
  return column;
}

/// Fills columns and key from schema[0]. Order of the key: primaryKeyPosition, else file order.
Status read_schema(const Node& node, const Place& place, Contract& contract) {
  MR_TRY(Fields f, Fields::of(node, place));
  for (const char* told :
       {"id", "logicalType", "physicalType", "physicalName", "businessName", "description", "tags",
        "dataGranularityDescription", "authoritativeDefinitions", "customProperties", "relationships"})
    f.ignore(told);
  MR_TRY(contract.name, f.text("name"));
  if (const Node* rules = f.any("quality"))
    return waits(place.member("quality"), *rules, "a quality rule of the whole table");
  MR_TRY(const Node* properties, f.sequence("properties"));
  MR_CHECK(f.done());
  if (properties == nullptr || properties->items.empty())
    return yaml::error_at(place, node, "no properties, expected at least one column");
  std::vector<std::pair<std::int64_t, std::size_t>> key;
  for (std::size_t i = 0; i < properties->items.size(); ++i) {
    const Node& item = properties->items[i];
    const Place at = place.member("properties").item(i);
    MR_TRY(ColumnContract column, read_column(item, at));
    for (const ColumnContract& other : contract.columns)
      if (to_lower_ascii(other.name) == to_lower_ascii(column.name))
        return yaml::error_at(at, item, fmt::format("column \"{}\" is declared twice", column.name));
    MR_TRY(Fields own, Fields::of(item, at));
    MR_TRY(const bool in_key, own.boolean("primaryKey", false));
    MR_TRY(const std::int64_t position, own.integer("primaryKeyPosition", static_cast<std::int64_t>(i) + 1));
    if (in_key) {
      key.emplace_back(position, i);
      column.required = true;
    }
    contract.columns.push_back(std::move(column));
  }
  std::sort(key.begin(), key.end());
  for (const auto& [position, index] : key) contract.primary_key.push_back(index);
  return ok();
}

}  // namespace

Result<Contract> parse_contract(std::string_view text, std::string_view file) {
  MR_TRY(const Node root, yaml::parse(text, file));
  MR_TRY(Fields f, Fields::of(root, Place{std::string(file), ""}));
  for (const char* told : kDocumentTexts) f.ignore(told);
  Contract contract;
  MR_TRY(const std::string api, f.text("apiVersion"));
  MR_TRY(const std::string kind, f.text("kind"));
  MR_TRY(contract.id, f.text("id"));
  MR_TRY(contract.version, f.text("version"));
  MR_TRY(contract.status, f.text("status"));
  if (!api.starts_with("v3."))
    return yaml::error_at(f.place().member("apiVersion"), *root.find("apiVersion"),
                          fmt::format("found \"{}\", expected v3.1.0 or another v3", api));
  if (kind != "DataContract")
    return yaml::error_at(f.place().member("kind"), *root.find("kind"),
                          fmt::format("found \"{}\", expected DataContract", kind));
  MR_TRY(const Node* schema, f.sequence("schema"));
  MR_CHECK(f.done());
  if (schema == nullptr || schema->items.size() != 1)
    return yaml::error_at(f.place(), schema == nullptr ? root : *schema, "expected schema with exactly one object",
                          "write one contract file for each source");
  MR_CHECK(read_schema(schema->items[0], f.place().member("schema").item(0), contract));
  contract.sha256 = sha256_hex(text);
  return contract;
}

Result<Contract> load_contract(const std::string& path) {
  MR_TRY(const std::string text, read_file(path));
  return parse_contract(text, path);
}

}  // namespace millrace
