#include "transform/project.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>

#include "base/words.h"
#include "transform/config_reader.h"
#include "transform/context.h"
#include "transform/project_files.h"

namespace millrace::transform {
namespace {

std::vector<std::string> fqn_of(const std::string& project, const std::string& path) {
  std::vector<std::string> parts{project};
  const std::filesystem::path p(path);
  auto it = std::next(p.begin());  // without the model path itself
  for (; it != p.end(); ++it) parts.push_back(it->string());
  parts.back() = p.stem().string();
  return parts;
}

Status add_macros(const ProjectFile& file, Project& project) {
  MR_TRY(jinja::Template parsed, jinja::parse(file.text, file.path));
  project.macro_files.push_back(std::move(parsed));
  return ok();
}

Status add_model(const ProjectFile& file, Project& project) {
  Model m;
  m.name = std::filesystem::path(file.path).stem().string();
  m.unique_id = fmt::format("model.{}.{}", project.name, m.name);
  m.path = file.path;
  m.fqn = fqn_of(project.name, file.path);
  m.raw_sql = std::string(trimmed(file.text));
  const std::string id = m.unique_id;
  const auto [it, fresh] = project.models.emplace(id, std::move(m));
  if (fresh) return ok();
  return Error{ErrorKind::invalid_input,
               fmt::format("{}: model \"{}\" stands in {} already", file.path, it->second.name, it->second.path),
               "model names are unique in a project: rename one of the files",
               {}};
}

Status add_singular_test(const ProjectFile& file, Project& project) {
  if (file.path.find("/generic/") != std::string::npos)
    return Error{ErrorKind::unsupported,
                 fmt::format("{}: custom generic tests come with a later version of millrace", file.path),
                 {},
                 {}};
  DataTest t;
  t.name = std::filesystem::path(file.path).stem().string();
  t.unique_id = fmt::format("test.{}.{}", project.name, t.name);
  t.path = file.path;
  t.raw_sql = std::string(trimmed(file.text));
  project.tests.push_back(std::move(t));
  return ok();
}

Status read_all(ProjectReader& reader, const Settings& settings, Project& project,
                std::map<std::string, ModelProperties>& patched) {
  MR_TRY(const auto macros, reader.files(settings.macro_paths, {".sql"}));
  for (const ProjectFile& file : macros) MR_CHECK(add_macros(file, project));
  MR_TRY(const auto models, reader.files(settings.model_paths, {".sql"}));
  for (const ProjectFile& file : models) MR_CHECK(add_model(file, project));
  MR_TRY(const auto python, reader.files(settings.model_paths, {".py"}));
  if (!python.empty())
    return Error{ErrorKind::unsupported, fmt::format("{}: millrace runs SQL models only", python[0].path), {}, {}};
  MR_TRY(const auto properties, reader.files(settings.model_paths, {".yml", ".yaml"}));
  for (const ProjectFile& file : properties) MR_CHECK(read_properties(file, project, patched));
  MR_TRY(const auto tests, reader.files(settings.test_paths, {".sql"}));
  for (const ProjectFile& file : tests) MR_CHECK(add_singular_test(file, project));
  return ok();
}

/// Config levels, outermost first: dbt_project.yml, properties, the file's own config().
Status configure_models(const Settings& settings, std::map<std::string, ModelProperties>& patched, Project& project) {
  for (auto& [id, model] : project.models) {
    MR_TRY(model.config, config_for(settings.models, {"dbt_project.yml", "models"}, model.fqn));
    const auto it = patched.find(model.name);
    if (it == patched.end()) continue;
    it->second.used = true;
    model.description = it->second.description;
    model.config.merge(it->second.config);
    MR_CHECK(read_tests(it->second.node, it->second.place, id, model.name, "", project));
  }
  for (const auto& [name, properties] : patched)
    if (!properties.used)
      project.warnings.push_back(fmt::format("{}: properties of \"{}\", which is no model", properties.path, name));
  return ok();
}

Result<std::string> render_text(const std::string& sql, const std::string& path, const jinja::Scope& scope) {
  MR_TRY(const jinja::Template parsed, jinja::parse(sql, path));
  return jinja::render(parsed, scope);
}

/// Renders once with whatever names there are, for configs and dependencies. A ref to a model whose
/// schema is not known yet does not matter: the text is thrown away.
Status learn(Project& project, const Target& target) {
  const Context context(project, target);
  for (auto& [id, model] : project.models) {
    Rendered seen;
    MR_CHECK(render_text(model.raw_sql, model.path, context.scope(&model.relation, seen)));
    model.config.merge(seen.config);
    model.depends_on = std::move(seen.depends_on);
  }
  return ok();
}

Status name_relations(Project& project, const Target& target) {
  const Context context(project, target);
  std::map<warehouse::RelationName, std::string> taken;
  for (auto& [id, model] : project.models) {
    MR_TRY(std::string schema, context.schema_name(model.config.schema, model.name));
    model.relation = {std::move(schema), model.config.alias.value_or(model.name)};
    const auto [it, fresh] = taken.emplace(model.relation, model.path);
    if (!fresh)
      return Error{ErrorKind::invalid_input,
                   fmt::format("{} and {} would both become {}", it->second, model.path, model.relation.text()),
                   "give one of them another schema or alias",
                   {}};
    for (const auto& [source_id, source] : project.sources)
      if (source.relation == model.relation)
        return Error{ErrorKind::invalid_input,
                     fmt::format("{}: the model would overwrite source {}", model.path, source.relation.text()),
                     "give the model another schema or alias",
                     {}};
  }
  return ok();
}

/// Each model after what it depends on; names decide where the graph does not.
Status order_models(Project& project) {
  std::set<std::string> done;
  std::vector<std::string> path;
  std::function<Status(const std::string&)> visit = [&](const std::string& id) -> Status {
    if (done.contains(id)) return ok();
    if (const auto cycle = std::find(path.begin(), path.end(), id); cycle != path.end()) {
      std::vector<std::string> names;
      for (auto it = cycle; it != path.end(); ++it) names.push_back(project.models.at(*it).name);
      names.push_back(project.models.at(id).name);
      return Error{ErrorKind::invalid_input,
                   fmt::format("models depend on each other in a circle: {}", join(names, " -> ")),
                   "remove one of the refs",
                   {}};
    }
    path.push_back(id);
    for (const std::string& parent : project.models.at(id).depends_on)
      if (project.models.contains(parent)) MR_CHECK(visit(parent));
    path.pop_back();
    done.insert(id);
    project.order.push_back(id);
    return ok();
  };
  for (const auto& [id, model] : project.models) MR_CHECK(visit(id));
  return ok();
}

Status configure_tests(const Settings& settings, Project& project, const Target& target) {
  const Context context(project, target);
  for (DataTest& test : project.tests) {
    const std::vector<std::string> fqn{project.name, test.name};
    MR_TRY(Config config, config_for(settings.tests, {"dbt_project.yml", "tests"}, fqn));
    config.merge(test.config);
    Rendered seen;
    if (test.kind == TestKind::singular) {
      MR_CHECK(render_text(test.raw_sql, test.path, context.scope(nullptr, seen)));
    } else if (test.kind == TestKind::relationships) {
      MR_CHECK(jinja::evaluate(test.to, context.scope(nullptr, seen), {}, test.path));
    }
    config.merge(seen.config);
    test.config = config;
    test.depends_on = std::move(seen.depends_on);
    if (!test.about.empty()) test.depends_on.insert(test.depends_on.begin(), test.about);
  }
  std::erase_if(project.tests, [](const DataTest& t) { return t.config.enabled == false; });
  std::sort(project.tests.begin(), project.tests.end(),
            [](const DataTest& a, const DataTest& b) { return a.unique_id < b.unique_id; });
  const auto twin = std::adjacent_find(project.tests.begin(), project.tests.end(),
                                       [](const DataTest& a, const DataTest& b) { return a.unique_id == b.unique_id; });
  if (twin == project.tests.end()) return ok();
  return Error{ErrorKind::invalid_input,
               fmt::format("{}: test {} is declared twice", twin->path, twin->name),
               "remove one of the two",
               {}};
}

/// Disabled models go; a test on one goes with a warning, a model on one is an unknown ref later.
void drop_disabled(Project& project) {
  std::erase_if(project.models, [](const auto& entry) { return entry.second.config.enabled == false; });
  std::erase_if(project.tests, [&](const DataTest& test) {
    const bool gone = test.about.starts_with("model.") && !project.models.contains(test.about);
    if (gone) project.warnings.push_back(fmt::format("test {} is left out: its model is disabled", test.name));
    return gone;
  });
}

}  // namespace

const Model* Project::model_named(std::string_view wanted) const {
  const auto it = models.find(fmt::format("model.{}.{}", name, wanted));
  return it == models.end() ? nullptr : &it->second;
}

Result<Project> load_project(const std::string& folder, const Target& target) {
  ProjectReader reader(folder);
  MR_TRY(const Settings settings, reader.settings());
  Project project;
  project.name = settings.name;
  project.folder = folder;
  project.vars = settings.vars;
  std::map<std::string, ModelProperties> patched;
  MR_CHECK(read_all(reader, settings, project, patched));
  MR_CHECK(configure_models(settings, patched, project));
  MR_CHECK(learn(project, target));
  drop_disabled(project);
  MR_CHECK(learn(project, target));  // again: a ref to a model that turned out disabled is an error
  MR_CHECK(name_relations(project, target));
  MR_CHECK(configure_tests(settings, project, target));
  MR_CHECK(order_models(project));
  project.sha256 = reader.digest();
  return project;
}

}  // namespace millrace::transform
