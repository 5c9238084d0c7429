// Reading ODCS v3.1 documents into a Contract.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/files.h"
#include "base/sha256.h"
#include "base/words.h"
#include "contract/odcs_parts.h"

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
                                    "partitioned",
                                    "partitionKeyPosition",
                                    "relationships"};

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
  MR_TRY(column.type, odcs::read_type(f));
  MR_TRY(column.description, f.text("description", ""));
  MR_TRY(column.required, f.boolean("required", false));
  MR_TRY(column.unique, f.boolean("unique", false));
  MR_CHECK(odcs::read_properties(f, column));
  MR_CHECK(odcs::read_options(f, column));
  MR_TRY(const Node* rules, f.sequence("quality"));
  for (std::size_t i = 0; rules != nullptr && i < rules->items.size(); ++i)
    MR_CHECK(odcs::read_column_rule(rules->items[i], place.member("quality").item(i), column));
  MR_CHECK(f.done());
  MR_CHECK(odcs::settle_accepted(node, place, column));
  return column;
}

/// A header name means one column: no alias is another column's name or alias.
Status check_names(const Place& place, const Node& node, const Contract& contract) {
  std::map<std::string, std::string> owners;
  const auto taken = [&](const std::string& name, const ColumnContract& column) -> Status {
    const auto [it, fresh] = owners.emplace(to_lower_ascii(name), column.name);
    if (fresh || it->second == column.name) return ok();
    return yaml::error_at(place, node, fmt::format("\"{}\" names the columns {} and {}", name, it->second, column.name),
                          "take it out of the aliases of one of them");
  };
  for (const ColumnContract& column : contract.columns) MR_CHECK(taken(column.name, column));
  for (const ColumnContract& column : contract.columns)
    for (const std::string& alias : column.aliases) MR_CHECK(taken(alias, column));
  return ok();
}

/// Fills columns and key from schema[0]. Order of the key: primaryKeyPosition, else file order.
Status read_schema(const Node& node, const Place& place, Contract& contract) {
  MR_TRY(Fields f, Fields::of(node, place));
  for (const char* told :
       {"id", "logicalType", "physicalType", "physicalName", "businessName", "description", "tags",
        "dataGranularityDescription", "authoritativeDefinitions", "customProperties", "relationships"})
    f.ignore(told);
  MR_TRY(contract.name, f.text("name"));
  MR_CHECK(odcs::read_row_rules(f, contract));
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
  for (ColumnContract& column : contract.columns) {
    const std::size_t i = static_cast<std::size_t>(&column - contract.columns.data());
    column.identifies = column.unique || std::ranges::find(contract.primary_key, i) != contract.primary_key.end();
    column.settle();
  }
  return check_names(place, node, contract);
}

}  // namespace

Error odcs::waits(const Place& place, const Node& node, std::string_view what, std::string_view hint) {
  Error e = yaml::error_at(place, node, fmt::format("{} is not checked by this version of millrace", what),
                           std::string(hint));
  e.kind = ErrorKind::unsupported;
  return e;
}

Error odcs::wrong(const Fields& f, std::string_view key, std::string_view message, std::string hint) {
  return yaml::error_at(f.place().member(key), *f.node().find(key), message, std::move(hint));
}

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
