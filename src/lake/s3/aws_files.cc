#include "lake/s3/aws_files.h"

#include <fmt/format.h>

#include <optional>

#include "base/words.h"

namespace millrace::lake::s3 {
namespace {

constexpr std::string_view kBlanks = " \t\r";

Error bad_line(const std::string& path, std::size_t number, std::string_view expected) {
  return Error{ErrorKind::invalid_input,
               fmt::format("{}:{}: expected {}", path, number, expected),
               "see the AWS documentation on the format of its configuration files",
               {}};
}

/// A comment begins the line, or stands after a blank.
std::string_view without_comment(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool mark = text[i] == '#' || text[i] == ';';
    if (mark && (text[i - 1] == ' ' || text[i - 1] == '\t')) return text.substr(0, i);
  }
  return text;
}

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// The profile a section names; nullopt: it is no profile (an sso-session, services).
std::optional<std::string> profile_of(std::string_view section, AwsFile kind) {
  section = trimmed(section);
  if (kind == AwsFile::credentials) return std::string(section);
  if (section == "default") return std::string(section);
  constexpr std::string_view kWord = "profile";
  if (!section.starts_with(kWord) || section.size() <= kWord.size()) return std::nullopt;
  if (kBlanks.find(section[kWord.size()]) == kBlanks.npos) return std::nullopt;
  return std::string(unquoted(trimmed(section.substr(kWord.size()))));
}

std::string expanded(const std::string& path, const std::string& home) {
  return path.starts_with("~/") && !home.empty() ? home + path.substr(1) : path;
}

Status add_file(const Surroundings& around, AwsFile kind, const std::string& path,
                std::map<std::string, Settings>& into) {
  auto text = around.read_file(path);
  if (!text && text.error().kind == ErrorKind::not_found) return ok();
  if (!text) return std::move(text).error();
  const Secret held(*std::move(text));  // wiped when we are done
  MR_TRY(auto profiles, parse_aws_file(held.reveal_to_the_wire(), kind, path));
  for (auto& [name, settings] : profiles) into[name].merge(settings);
  return ok();
}

}  // namespace

Result<std::map<std::string, Settings>> parse_aws_file(std::string_view text, AwsFile kind, const std::string& path) {
  std::map<std::string, Settings> profiles;
  Settings* current = nullptr;
  Settings elsewhere;  // of sections that are no profile
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    const std::string_view content = trimmed(line);
    if (content.empty() || content.front() == '#' || content.front() == ';') continue;
    if (kBlanks.find(line.front()) != kBlanks.npos) continue;  // of the key before: nested settings of other tools
    if (content.front() == '[') {
      const std::size_t close = content.find(']');
      if (close == content.npos) return bad_line(path, number, "a section as [name]");
      const auto name = profile_of(content.substr(1, close - 1), kind);
      current = name ? &profiles[*name] : &elsewhere;
      continue;
    }
    const std::size_t equals = content.find('=');
    if (equals == content.npos || equals == 0) return bad_line(path, number, "name = value");
    if (current == nullptr) return bad_line(path, number, "a section before the first setting");
    const std::string_view value = trimmed(without_comment(content.substr(equals + 1)));
    (*current)[to_lower_ascii(trimmed(content.substr(0, equals)))] = std::string(value);
  }
  return profiles;
}

Result<Profiles> Profiles::load(const Surroundings& around) {
  const std::string home = around.environment("HOME").value_or("");
  const auto path_of = [&](const char* variable, const char* name) {
    return expanded(around.environment(variable).value_or(home + "/.aws/" + name), home);
  };
  const std::string credentials = path_of("AWS_SHARED_CREDENTIALS_FILE", "credentials");
  const std::string config = path_of("AWS_CONFIG_FILE", "config");
  Profiles profiles;
  profiles.places_ = credentials + " and " + config;
  // The first one wins: map::merge keeps what is there.
  MR_CHECK(add_file(around, AwsFile::credentials, credentials, profiles.by_name_));
  MR_CHECK(add_file(around, AwsFile::config, config, profiles.by_name_));
  return profiles;
}

const Settings* Profiles::find(const std::string& name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &it->second;
}

std::vector<std::string> Profiles::names() const {
  std::vector<std::string> names;
  for (const auto& [name, settings] : by_name_) names.push_back(name);
  return names;
}

std::string setting(const Settings& settings, const std::string& key) {
  const auto it = settings.find(key);
  return it == settings.end() ? "" : it->second;
}

Result<std::vector<std::string>> split_command(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = '\0';
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else if (c == '\\' && quote == '"' && i + 1 < line.size() && (line[i + 1] == '"' || line[i + 1] == '\\')) {
        word.push_back(line[++i]);
      } else {
        word.push_back(c);
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t') {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word.push_back(c == '\\' && i + 1 < line.size() ? line[++i] : c);
      in_word = true;
    }
  }
  if (quote != '\0') {
    return Error{ErrorKind::invalid_input, "the command of credential_process has an open quote", "close it", {}};
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

}  // namespace millrace::lake::s3
