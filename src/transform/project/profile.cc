#include "transform/project/profile.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "base/files.h"
#include "base/words.h"
#include "base/yaml.h"
#include "jinja/print.h"
#include "transform/project/yaml_scope.h"
#include "transform/project/yaml_value.h"

namespace millrace::transform {
namespace {

namespace fs = std::filesystem;
using jinja::Dict;
using jinja::Kind;
using jinja::Value;
using YamlNode = yaml::Node;

/// What must not be seen by templates, nor in a log.
constexpr std::array<std::string_view, 8> kSecrets{
    "password",         "pass",        "token", "private_key", "private_key_passphrase", "secrets",
    "motherduck_token", "keyfile_json"};

/// profiles.yml is read before there is a project: only env_var and --vars are there.
class ProfileScope final : public jinja::Scope {
 public:
  ProfileScope(const Invocation& invocation, std::vector<std::string>& read) : invocation_(invocation), read_(read) {}
  [[nodiscard]] std::optional<Value> find(std::string_view name) const override {
    if (name == "env_var")
      return Value::function("env_var", [this](jinja::Run&, const jinja::Args& args) {
        return env_var(args, invocation_.environment, read_, true);
      });
    if (name == "var")
      return Value::function("var", [this](jinja::Run&, const jinja::Args& args) -> Result<Value> {
        const bool named = !args.positional.empty() && args.positional[0].is(Kind::text);
        if (named && invocation_.vars.is(Kind::dict))
          if (const Value* v = invocation_.vars.dict_entries().find(args.positional[0].text())) return *v;
        if (args.positional.size() > 1) return args.positional[1];
        return Error{ErrorKind::invalid_input, "var() in profiles.yml knows --vars only", "give --vars", {}};
      });
    return std::nullopt;
  }

 private:
  const Invocation& invocation_;
  std::vector<std::string>& read_;
};

std::vector<std::string> folders(const ProfileRequest& request, const Invocation& invocation) {
  if (!request.profiles_dir.empty()) return {request.profiles_dir};
  std::vector<std::string> out;
  const auto asked = [&](std::string_view name) {
    return invocation.environment ? invocation.environment(name) : std::optional<std::string>();
  };
  if (auto dir = asked("DBT_PROFILES_DIR")) out.push_back(*std::move(dir));
  out.push_back(request.project_folder);
  std::error_code none;
  if (const fs::path here = fs::current_path(none); !none && here.string() != request.project_folder)
    out.push_back(here.string());
  if (auto home = asked("HOME")) out.push_back((fs::path(*home) / ".dbt").string());
  return out;
}

Result<std::string> find_file(const ProfileRequest& request, const Invocation& invocation) {
  const std::vector<std::string> looked = folders(request, invocation);
  for (const std::string& folder : looked) {
    const fs::path path = fs::path(folder) / "profiles.yml";
    std::error_code none;
    if (fs::exists(path, none)) return path.string();
  }
  return Error{
      ErrorKind::not_found,
      "no profiles.yml was found: looked in " + join(looked, ", "),
      "write one with an output of type: duckdb and path: FILE, name its folder with --profiles-dir, or make a "
      "millrace.yaml with `millrace init`",
      {}};
}

Result<std::string> profile_of_project(const ProfileRequest& request) {
  if (!request.profile.empty()) return request.profile;
  const std::string path = (fs::path(request.project_folder) / "dbt_project.yml").string();
  auto text = read_file(path);
  if (!text) {
    if (text.error().kind != ErrorKind::not_found) return std::move(text).error();
    return Error{
        ErrorKind::not_found,
        fmt::format("{} is no project: neither dbt_project.yml nor millrace.yaml is there", request.project_folder),
        "go to a project, or name one with --project-dir",
        {}};
  }
  MR_TRY(const YamlNode root, yaml::parse(*text, path, {true}));
  const YamlNode* profile = root.find("profile");
  return profile != nullptr && profile->is_text() ? profile->scalar : std::string("default");
}

std::vector<std::string> keys_of(const YamlNode& node) {
  std::vector<std::string> out;
  for (const auto& m : node.members) out.push_back(m.key);
  return out;
}

Result<const YamlNode*> member_named(const YamlNode& node, const yaml::Place& place, const std::string& name,
                                     std::string_view what) {
  if (const YamlNode* found = node.find(name); found != nullptr && found->kind == YamlNode::Kind::mapping) return found;
  const std::vector<std::string> known = keys_of(node);
  const std::string near = nearest(name, known);
  return yaml::error_at(place, node, fmt::format("there is no {} \"{}\"; there is {}", what, name, join(known, ", ")),
                        near.empty() ? "" : fmt::format("did you mean {}?", near));
}

std::string text_of(const Dict& d, std::string_view key, std::string_view otherwise = "") {
  const Value* v = d.find(key);
  if (v == nullptr || v->is(Kind::none)) return std::string(otherwise);
  auto text = jinja::to_text(*v);
  return text ? *std::move(text) : std::string(otherwise);
}

void read_duckdb_parts(const Dict& output, const std::string& folder, Profile& out) {
  if (const Value* list = output.find("extensions"); list != nullptr && list->is(Kind::list))
    for (const Value& e : list->items()) {
      if (e.is(Kind::text)) out.extensions.push_back(e.text());
      if (e.is(Kind::dict)) out.extensions.push_back(text_of(e.dict_entries(), "name"));
    }
  for (const std::string_view section : {"settings", "config_options"})
    if (const Value* d = output.find(section); d != nullptr && d->is(Kind::dict))
      for (const auto& e : d->dict_entries().entries())
        out.settings.emplace_back(e.key.text(), text_of(d->dict_entries(), e.key.text()));
  const auto absolute = [&](const std::string& path) {
    return path.empty() || path.find("://") != std::string::npos || path.front() == '/'
               ? path
               : (fs::path(folder) / path).lexically_normal().string();
  };
  if (const Value* list = output.find("attach"); list != nullptr && list->is(Kind::list))
    for (const Value& a : list->items()) {
      if (!a.is(Kind::dict)) continue;
      const Dict& d = a.dict_entries();
      const Value* read_only = d.find("read_only");
      out.attach.push_back({absolute(text_of(d, "path")), text_of(d, "alias"), text_of(d, "type"),
                            read_only != nullptr && read_only->is(Kind::boolean) && read_only->boolean()});
    }
}

/// dbt-duckdb takes a relative path from the folder where dbt was called: the project's, as good as always.
void read_path(const Dict& output, const std::string& folder, Profile& out) {
  out.path = text_of(output, "path", ":memory:");
  std::string stem = "memory";
  if (out.path != ":memory:") {
    if (out.path.starts_with("duckdb:")) out.path.erase(0, 7);
    const fs::path path = fs::path(out.path).is_absolute() ? fs::path(out.path) : fs::path(folder) / out.path;
    out.path = path.lexically_normal().string();
    stem = path.stem().string();
  }
  out.target.database = text_of(output, "database", stem);
}

}  // namespace

Result<Profile> read_profile(const ProfileRequest& request, const Invocation& invocation) {
  MR_TRY(const std::string name, profile_of_project(request));
  Profile out;
  MR_TRY(out.file, find_file(request, invocation));
  MR_TRY(const std::string text, read_file(out.file));
  MR_TRY(const YamlNode root, yaml::parse(text, out.file, {true}));
  const yaml::Place place{out.file, ""};
  std::vector<std::string> read;
  const ProfileScope scope(invocation, read);
  MR_TRY(const YamlNode* profile, member_named(root, place, name, "profile"));
  std::string target = request.target;
  if (const YamlNode* t = profile->find("target"); target.empty() && t != nullptr) {
    MR_TRY(const Value v, rendered_value(*t, place.member(name).member("target"), scope));
    MR_TRY(target, jinja::to_text(v));
  }
  if (target.empty()) target = "default";
  const YamlNode* outputs = profile->find("outputs");
  if (outputs == nullptr || outputs->kind != YamlNode::Kind::mapping)
    return yaml::error_at(place.member(name), *profile, "outputs: is missing",
                          "write outputs: {dev: {type: duckdb, path: dev.duckdb}}");
  MR_TRY(const YamlNode* node, member_named(*outputs, place.member(name).member("outputs"), target, "target"));
  MR_TRY(const Value output, rendered_value(*node, place.member(name).member("outputs").member(target), scope));
  const Dict& d = output.dict_entries();
  out.type = text_of(d, "type");
  if (out.type != "duckdb")
    return Error{ErrorKind::unsupported,
                 fmt::format("{}:{}:{}: the target {} is of type \"{}\"; this version runs models on DuckDB", out.file,
                             node->line, node->column, target, out.type),
                 "choose a target of type duckdb with --target, or write one",
                 {}};
  out.target.profile = name;
  out.target.name = target;
  out.target.schema = text_of(d, "schema", "main");
  const Value* threads = d.find("threads");
  if (threads != nullptr && threads->is(Kind::integer)) out.target.threads = static_cast<int>(threads->integer());
  read_path(d, request.project_folder, out);
  read_duckdb_parts(d, request.project_folder, out);
  for (const auto& e : d.entries())
    if (std::find(kSecrets.begin(), kSecrets.end(), e.key.text()) == kSecrets.end())
      out.target.fields.dict_entries().set(e.key.text(), e.value);
  return out;
}

}  // namespace millrace::transform
