// dbt's commands that look: compile, parse, show, debug, clean.
#include "app/commands/model_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "app/model_project.h"
#include "app/tell.h"
#include "base/files.h"
#include "base/json.h"
#include "base/words.h"
#include "transform/artifacts/artifacts.h"
#include "transform/graph/listing.h"
#include "transform/run/compiled_files.h"
#include "transform/run/introspect.h"

namespace millrace::app {
namespace {

namespace fs = std::filesystem;
using transform::NodeId;

void tell_notes(const ModelProject& project) {
  for (const std::string& note : project.notes()) tell(stderr, "{:<8} {}\n", "note", note);
}

/// Runs `work`, tells its error, gives the exit code.
int finished(const CommonOptions& common, const Result<int>& code) {
  return code ? *code : finish_with(common, code.error());
}

/// A project with its models read, its warehouse open where that is possible: a running `up` holds it, and then
/// what only it knows (is a relation there?) is answered as for an empty one.
Result<std::unique_ptr<ModelProject>> opened(const CommonOptions& common, const ModelArguments& arguments,
                                             const std::string& command, bool must_open) {
  MR_TRY(auto project, ModelProject::find(common, arguments, command));
  Status open = project->open(false);
  if (!open && (must_open || open.error().kind != ErrorKind::conflict)) return std::move(open).error();
  if (!open) tell(stderr, "{:<8} {}: compiled as for an empty warehouse\n", "note", open.error().message);
  MR_CHECK(project->load());
  tell_notes(*project);
  return project;
}

Result<std::vector<NodeId>> chosen(ModelProject& project) {
  transform::LoadedProject& loaded = project.loaded();
  MR_TRY(const transform::Selection s,
         transform::select(loaded.project(), loaded.graph(), project.request().selection));
  for (const std::string& w : s.warnings) tell(stderr, "{:<8} {}\n", "note", w);
  return s.nodes;
}

/// Templates may look at the warehouse for as long as this lives.
class Looking {
 public:
  explicit Looking(ModelProject& project) : project_(project) {
    if (project.session() == nullptr) return;
    catalogue_.emplace(*project.session());
  }
  /// Errors: those of reading the catalogue.
  Status begin() {
    if (!catalogue_) return ok();
    MR_CHECK(catalogue_->load());
    project_.loaded().renderer().look_into(&*catalogue_);
    return ok();
  }
  /// Requires: the warehouse is open.
  transform::Catalogue& catalogue() { return *catalogue_; }
  ~Looking() { project_.loaded().renderer().look_into(nullptr); }
  Looking(const Looking&) = delete;
  Looking& operator=(const Looking&) = delete;

 private:
  ModelProject& project_;
  std::optional<transform::Catalogue> catalogue_;
};

Result<int> compile(const CommonOptions& common, const ModelArguments& arguments) {
  MR_TRY(const auto project, opened(common, arguments, "compile", false));
  Looking looking(*project);
  MR_CHECK(looking.begin());
  transform::LoadedProject& loaded = project->loaded();
  transform::CompiledFiles files(project->target_folder());
  if (!arguments.inline_sql.empty()) {
    MR_TRY(const std::string sql, loaded.renderer().render_for_project(arguments.inline_sql, "--inline"));
    tell(stdout, "{}\n", sql);
    return 0;
  }
  MR_TRY(const std::vector<NodeId> nodes, chosen(*project));
  std::size_t written = 0;
  for (const NodeId id : nodes) {
    const transform::Node& node = loaded.project().nodes[id];
    if (node.raw_code.empty() && !node.generic) continue;  // a seed, a source
    MR_CHECK(loaded.renderer().compile(id));
    MR_CHECK(files.write_compiled(node));
    ++written;
    // dbt prints the SQL of a node that was asked for by name.
    if (nodes.size() == 1 && !common.json) tell(stdout, "{}\n", node.compiled_code);
  }
  MR_CHECK(schedule::write_artifacts(loaded, project->request(), nullptr));
  if (common.json)
    tell(stdout, "{}\n", json::Writer().begin_object().member("compiled", written).end_object().text());
  else if (nodes.size() != 1)
    tell(stdout, "{:<8} {} in {}\n", "compile", counted(static_cast<std::int64_t>(written), "node"),
         (fs::path(project->target_folder()) / "compiled").string());
  return 0;
}

Result<int> parse(const CommonOptions& common, const ModelArguments& arguments) {
  MR_TRY(const auto project, ModelProject::find(common, arguments, "parse"));
  MR_CHECK(project->load());
  tell_notes(*project);
  transform::LoadedProject& loaded = project->loaded();
  MR_CHECK(schedule::write_artifacts(loaded, project->request(), nullptr));
  const auto count = [&](transform::ResourceType t) { return static_cast<std::int64_t>(loaded.count(t)); };
  using transform::ResourceType;
  if (common.json) {
    json::Writer w;
    w.begin_object().member("models", count(ResourceType::model)).member("tests", count(ResourceType::test));
    w.member("seeds", count(ResourceType::seed)).member("sources", count(ResourceType::source)).end_object();
    tell(stdout, "{}\n", w.text());
    return 0;
  }
  tell(stdout, "{:<8} {}, {}, {}, {}\n", "parse", counted(count(ResourceType::model), "model"),
       counted(count(ResourceType::test), "data test"), counted(count(ResourceType::seed), "seed"),
       counted(count(ResourceType::source), "source"));
  return 0;
}

/// Rows as a table of text, columns as wide as their widest cell.
std::string table_of(const warehouse::Rows& rows) {
  std::vector<std::size_t> widths;
  for (const std::string& c : rows.columns) widths.push_back(c.size());
  std::vector<std::vector<std::string>> cells;
  for (const auto& row : rows.rows) {
    auto& line = cells.emplace_back();
    for (std::size_t c = 0; c < row.size(); ++c) {
      line.push_back(printable(warehouse::to_text(row[c]), 60));
      widths[c] = std::max(widths[c], line.back().size());
    }
  }
  std::string out;
  const auto add_line = [&](const std::vector<std::string>& line) {
    out += '|';
    for (std::size_t c = 0; c < line.size(); ++c) out += fmt::format(" {:<{}} |", line[c], widths[c]);
    out += '\n';
  };
  add_line(rows.columns);
  out += '|';
  for (const std::size_t w : widths) out += ' ' + std::string(w, '-') + " |";
  out += '\n';
  for (const auto& line : cells) add_line(line);
  return out;
}

std::string json_rows(const warehouse::Rows& rows) {
  json::Writer w;
  w.begin_object().key("show").begin_array();
  for (const auto& row : rows.rows) {
    w.begin_object();
    for (std::size_t c = 0; c < row.size(); ++c) {
      w.key(rows.columns[c]);
      std::visit(
          [&w](const auto& v) {
            if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::monostate>)
              w.null();
            else
              w.value(v);
          },
          row[c]);
    }
    w.end_object();
  }
  return w.end_array().end_object().text();
}

/// The one node that `show` is asked for.
Result<std::string> sql_to_show(ModelProject& project, const ModelArguments& arguments) {
  transform::LoadedProject& loaded = project.loaded();
  if (!arguments.inline_sql.empty()) return loaded.renderer().render_for_project(arguments.inline_sql, "--inline");
  MR_TRY(const std::vector<NodeId> nodes, chosen(project));
  std::vector<NodeId> shown;
  for (const NodeId id : nodes) {
    const transform::Node& node = loaded.project().nodes[id];
    if (node.is_refable() || node.type == transform::ResourceType::analysis) shown.push_back(id);
  }
  if (shown.size() != 1)
    return Error{
        ErrorKind::invalid_input,
        fmt::format("show: {} are selected, expected one", counted(static_cast<std::int64_t>(shown.size()), "model")),
        "name one with --select, or give SQL with --inline",
        {}};
  const transform::Node& node = loaded.project().nodes[shown[0]];
  if (node.type == transform::ResourceType::seed)
    return "select * from " + transform::quoted(project.session()->dialect(), node.relation);
  MR_CHECK(loaded.renderer().compile(shown[0]));
  return node.compiled_code;
}

Result<int> show(const CommonOptions& common, const ModelArguments& arguments) {
  MR_TRY(const auto project, opened(common, arguments, "show", true));
  Looking looking(*project);
  MR_CHECK(looking.begin());
  MR_TRY(const std::string sql, sql_to_show(*project, arguments));
  const std::string limited =
      arguments.limit < 0 ? sql : fmt::format("select * from (\n{}\n) as millrace_show limit {}", sql, arguments.limit);
  MR_TRY(const warehouse::Rows rows, looking.catalogue().query(limited));
  tell(stdout, "{}\n", common.json ? json_rows(rows) : table_of(rows));
  return 0;
}

Result<int> debug(const CommonOptions& common, const ModelArguments& arguments) {
  MR_TRY(const auto project, ModelProject::find(common, arguments, "debug"));
  tell(stdout, "{:<12} {}\n", "project", project->folder());
  if (project->is_plain()) {
    const transform::Profile& p = project->profile();
    tell(stdout, "{:<12} {}\n{:<12} {}\n{:<12} {}\n", "profile", p.file, "target", p.target.name, "database", p.path);
    tell(stdout, "{:<12} {}\n", "schema", p.target.schema);
  } else {
    tell(stdout, "{:<12} {}\n", "database", project->config().warehouse.string());
  }
  MR_CHECK(project->load());
  tell(stdout, "{:<12} {}\n", "models",
       counted(static_cast<std::int64_t>(project->loaded().count(transform::ResourceType::model)), "model"));
  MR_CHECK(project->open(true));
  MR_TRY(const warehouse::Rows rows, project->session()->query({"debug", "select 1 as id"}));
  tell(stdout, "{:<12} OK\nAll checks passed!\n", "connection");
  return rows.rows.size() == 1 ? 0 : 2;
}

/// May this folder be deleted? Only what lies in the project, is not the project, and holds no source.
Status check_may_clean(const fs::path& project, const fs::path& path, const transform::Settings& settings) {
  const fs::path inside = path.lexically_relative(project);
  const auto refuse = [&](std::string_view why) {
    return Error{ErrorKind::invalid_input,
                 fmt::format("clean: {} {}", path.string(), why),
                 "correct clean-targets in dbt_project.yml; nothing was deleted",
                 {}};
  };
  if (inside.empty() || inside == "." || *inside.begin() == "..") return refuse("is not inside the project");
  for (const auto* paths : {&settings.model_paths, &settings.seed_paths, &settings.test_paths, &settings.macro_paths,
                            &settings.analysis_paths, &settings.snapshot_paths})
    for (const std::string& source : *paths) {
      const fs::path back = (project / source).lexically_normal().lexically_relative(path);
      if (!back.empty() && *back.begin() != "..") return refuse("holds sources of the project: " + source);
    }
  return ok();
}

Result<int> clean(const CommonOptions& common, const ModelArguments& arguments) {
  MR_TRY(const auto project, ModelProject::find(common, arguments, "clean"));
  MR_CHECK(project->load());
  const transform::Settings& settings = project->loaded().project().root().settings;
  const fs::path folder(project->folder());
  std::vector<fs::path> targets;
  for (const std::string& t : settings.clean_targets) targets.push_back((folder / t).lexically_normal());
  if (targets.empty()) targets.emplace_back(project->target_folder());
  for (const fs::path& t : targets) MR_CHECK(check_may_clean(folder.lexically_normal(), t, settings));
  for (const fs::path& t : targets) {
    std::error_code failed;
    const auto removed = fs::remove_all(t, failed);
    if (failed)
      return Error{ErrorKind::unavailable, fmt::format("deleting {}: {}", t.string(), failed.message()), {}, {}};
    tell(stdout, "{:<8} {}{}\n", "clean", t.string(), removed == 0 ? "  was not there" : "");
  }
  return 0;
}

Result<int> ls(const CommonOptions& common, const ModelArguments& arguments) {
  MR_TRY(const auto project, ModelProject::find(common, arguments, "list"));
  MR_CHECK(project->load());
  const transform::Project& all = project->loaded().project();
  MR_TRY(const std::vector<NodeId> nodes, chosen(*project));
  for (const NodeId id : nodes) {
    MR_TRY(const std::string line,
           transform::listed(all, all.nodes[id], common.json ? "json" : arguments.output, arguments.output_keys));
    tell(stdout, "{}\n", line);
  }
  return 0;
}

}  // namespace

int run_ls(const CommonOptions& common, const ModelArguments& w) { return finished(common, ls(common, w)); }
int run_compile(const CommonOptions& common, const ModelArguments& w) { return finished(common, compile(common, w)); }
int run_parse(const CommonOptions& common, const ModelArguments& w) { return finished(common, parse(common, w)); }
int run_show(const CommonOptions& common, const ModelArguments& w) { return finished(common, show(common, w)); }
int run_debug(const CommonOptions& common, const ModelArguments& w) { return finished(common, debug(common, w)); }
int run_clean(const CommonOptions& common, const ModelArguments& w) { return finished(common, clean(common, w)); }

Result<std::string> target_folder_of(const CommonOptions& common, const ModelArguments& arguments) {
  MR_TRY(const auto project, ModelProject::find(common, arguments, "retry"));
  MR_CHECK(project->load());
  return project->target_folder();
}

}  // namespace millrace::app
