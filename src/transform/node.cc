#include "transform/node.h"

namespace millrace::transform {

std::string_view name_of(Materialization m) { return m == Materialization::view ? "view" : "table"; }

void Config::merge(const Config& later) {
  if (later.materialized) materialized = later.materialized;
  if (later.schema) schema = later.schema;
  if (later.alias) alias = later.alias;
  if (later.severity) severity = later.severity;
  if (later.where) where = later.where;
  if (later.enabled) enabled = later.enabled;
  tags.insert(tags.end(), later.tags.begin(), later.tags.end());
}

}  // namespace millrace::transform
