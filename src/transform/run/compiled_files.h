#pragma once
/// \file transform/run/compiled_files.h
/// compiled/ and run/ below the target folder, as dbt lays them out.

#include <string>
#include <string_view>
#include <unordered_set>

#include "base/result.h"
#include "transform/project/node.h"

namespace millrace::transform {

/// Threads: one thread at a time.
class CompiledFiles {
 public:
  /// "" writes none.
  explicit CompiledFiles(std::string target_folder) : folder_(std::move(target_folder)) {}

  /// "compiled/shop/models/orders.sql"; of a generic test "compiled/shop/models/schema.yml/unique_orders_id.sql".
  [[nodiscard]] static std::string path_of(const Node& node, std::string_view kind);
  /// For messages: path_of() below the target folder's own name, "" where none are written.
  [[nodiscard]] std::string shown(const Node& node) const;

  /// Derived files: written without a sync. Failpoint: transform.write.before. Errors: those of the disk.
  Status write_compiled(const Node& node);
  Status write_run(const Node& node, std::string_view sql);

 private:
  Status write(const std::string& path, std::string_view text);
  std::string folder_;
  std::unordered_set<std::string> made_;
};

}  // namespace millrace::transform
