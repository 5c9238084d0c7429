#include "ingest/source.h"

#include <fmt/format.h>

#include <charconv>

#include "ingest/key_pattern.h"
#include "lake/landed.h"

namespace millrace::ingest {
namespace {

/// "a/b.csv.gz" -> {"a/b", ".csv.gz"}: ids go before the first dot of the name.
std::pair<std::string_view, std::string_view> split_name(std::string_view path) {
  const auto slash = path.rfind('/');
  const std::size_t from = slash == std::string_view::npos ? 0 : slash + 1;
  const auto dot = path.find('.', from);
  return dot == std::string_view::npos ? std::pair{path, std::string_view{}}
                                       : std::pair{path.substr(0, dot), path.substr(dot)};
}

/// "a~000017" -> {"a", 17}; id 0 where there is none at the end.
std::pair<std::string_view, std::int64_t> split_id(std::string_view stem) {
  const auto tilde = stem.rfind('~');
  if (tilde == std::string_view::npos || stem.size() - tilde - 1 < 6) return {stem, 0};
  std::int64_t id = 0;
  const auto [end, ec] = std::from_chars(stem.data() + tilde + 1, stem.data() + stem.size(), id);
  if (ec != std::errc{} || end != stem.data() + stem.size() || id <= 0) return {stem, 0};
  return {stem.substr(0, tilde), id};
}

}  // namespace

std::string Source::folder() const { return literal_folder(pattern); }

bool Source::matches(std::string_view key) const {
  const auto keys = KeyPattern::compile(pattern);
  return keys && keys->matches(key);
}

std::string ArchiveName::make(std::string_view area, std::string_view date, const Source& source, std::string_view key,
                              std::int64_t file_id, bool packed) {
  const std::string folder = source.folder();
  const std::string_view rest = key.starts_with(folder) ? key.substr(folder.size()) : key;
  const auto [stem, ending] = split_name(rest);
  return fmt::format("{}/dt={}/{}/{}~{:06}{}{}{}", area, date, source.name, stem, file_id, packed ? "z" : "", ending,
                     packed ? ".zst" : "");
}

std::optional<ArchiveName::Read> ArchiveName::read(std::string_view area, const Source& source,
                                                   std::string_view archived) {
  const std::string start = fmt::format("{}/dt=", area);
  if (!archived.starts_with(start)) return std::nullopt;
  const auto slash = archived.find('/', start.size());
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string own = "/" + source.name + "/";
  if (!archived.substr(slash).starts_with(own)) return std::nullopt;
  auto [path, ending] = split_name(archived.substr(slash + own.size()));
  const bool packed = lake::is_packed_key(archived);
  if (packed) {
    path.remove_suffix(1);
    ending.remove_suffix(std::string_view(".zst").size());
  }
  const auto [stem, id] = split_id(path);
  return Read{source.folder() + std::string(stem) + std::string(ending), id, packed};
}

}  // namespace millrace::ingest
