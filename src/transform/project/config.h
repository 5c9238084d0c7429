#pragma once
/// \file transform/project/config.h
/// The configs of one node: any keys, with dbt's rules for what a later level does to an earlier one.
/// Source: docs.getdbt.com/reference/configs-and-properties, and contracts/dbt.md section 5.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "jinja/value.h"

namespace millrace::transform {

/// Keys are as dbt's manifest has them: "materialized", "pre-hook", "tags". Values are what the YAML or
/// the call of config() said. Small: a sorted vector. Threads: one thread at a time while it changes.
class Config {
 public:
  using Entry = std::pair<std::string, jinja::Value>;

  [[nodiscard]] const jinja::Value* find(std::string_view key) const;  ///< null: no level said it
  /// Replaces. "pre_hook" and "post_hook" are "pre-hook" and "post-hook"; a leading '+' is dropped.
  void set(std::string_view key, jinja::Value value);
  /// Adds one level on top: tags, packages and hooks add up (tags once each), meta and docs merge key by
  /// key, grants merge ("+select" adds up), column_types merge; all else is replaced.
  void add(std::string_view key, const jinja::Value& value);
  void merge(const Config& later);
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }  ///< by key
  [[nodiscard]] bool empty() const { return entries_.empty(); }

  // What is asked for often. An absent key or none gives the default; the loader has checked types.
  [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise = "") const;
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view key) const;
  [[nodiscard]] bool flag(std::string_view key, bool otherwise) const;  ///< bools, and the texts Jinja makes of them
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;  ///< a list, or one text
  [[nodiscard]] bool enabled() const { return flag("enabled", true); }

 private:
  std::vector<Entry> entries_;
};

/// Checks what dbt would refuse: enabled no boolean, materialized no text, an unknown severity, an unknown
/// on_schema_change is NOT an error (dbt reads it as ignore). `where`: for the message.
Status check_config(const Config& config, std::string_view where);

}  // namespace millrace::transform
