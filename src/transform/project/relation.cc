#include "transform/project/relation.h"

namespace millrace::transform {

std::string quoted(const warehouse::Dialect& dialect, const Relation& relation) {
  std::string out;
  for (const std::string* part : {&relation.database, &relation.schema}) {
    if (part->empty()) continue;
    out += dialect.quote(*part);
    out += '.';
  }
  return out + dialect.quote(relation.identifier);
}

}  // namespace millrace::transform
