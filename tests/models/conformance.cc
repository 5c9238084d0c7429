// Runs the cases of tests/models/cases: a small dbt project, what is asked of it, and what must come out. Each names
// the rule that it shows. Usage: conformance [--golden FILE] FILE.yaml…; exit code 1 where a case fails. With --golden
// the whole text of every expected error is compared with FILE; MILLRACE_UPDATE_GOLDEN=1 writes it.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>

#include "base/clock.h"
#include "base/words.h"
#include "base/yaml.h"
#include "jinja/print.h"
#include "testing/golden.h"
#include "testing/temp_folder.h"
#include "transform/graph/listing.h"
#include "transform/loaded.h"
#include "transform/project/yaml_value.h"
#include "transform/render/snowflake_compat.h"
#include "transform/run/introspect.h"
#include "warehouse/duckdb/database.h"

namespace millrace::transform {
namespace {

using yaml::Node;

/// One case under way: its folder, its engine, and what has gone wrong.
class Case {
 public:
  explicit Case(const Node& node) : node_(node) {}

  /// The errors that were met, whole, as a user sees them.
  [[nodiscard]] const std::string& errors() const { return errors_; }

  std::vector<std::string> run() {
    if (auto s = prepare(); !s) {
      failures_.push_back("preparing: " + s.error().message);
      return failures_;
    }
    if (const Node* steps = node_.find("steps")) {
      for (std::size_t i = 0; i < steps->items.size(); ++i) step(steps->items[i], i + 1);
    } else {
      step(node_, 1);
    }
    return failures_;
  }

 private:
  static std::string text(const Node& n, std::string_view key, std::string_view otherwise = "") {
    const Node* v = n.find(key);
    return v == nullptr ? std::string(otherwise) : v->scalar;
  }
  static bool flag(const Node& n, std::string_view key) { return text(n, key) == "true"; }

  void fail(std::string what) { failures_.push_back(where_ + std::move(what)); }
  void same(std::string_view what, const std::string& got, const std::string& want) {
    if (got != want) fail(fmt::format("{}:\n      got  {}\n      want {}", what, got, want));
  }

  void write(const Node& files) {
    for (const auto& [path, content] : files.members)
      if (path != "<<") folder_.write("p/" + path, content.scalar);
  }

  Status prepare() {
    const Node* files = node_.find("files");
    // A mapping that is merged in comes first: what the case says itself is written over it.
    if (const Node* merged = files == nullptr ? nullptr : files->find("<<")) write(*merged);
    if (files != nullptr) write(*files);
    if (!std::filesystem::exists(folder_.path() / "p/dbt_project.yml"))
      folder_.write("p/dbt_project.yml", "name: shop\n" + text(node_, "project"));
    MR_TRY(warehouse_, warehouse::duckdb::open({":memory:"}));
    MR_TRY(session_, warehouse_->connect());
    if (const Node* setup = node_.find("setup"))
      for (const Node& sql : setup->items) MR_CHECK(session_->query({"setup", sql.scalar}));
    if (text(node_, "compat") == "snowflake") MR_CHECK(make_snowflake_functions(*session_));
    return ok();
  }

  Target target(const Node& step) const {
    Target t;
    t.database = "memory";
    t.schema = text(node_, "schema", "main");
    t.name = text(step, "target", "dev");
    t.print_database = flag(node_, "print_database");
    t.dialect = &session_->dialect();
    return t;
  }

  Invocation invocation(const Node& step) const {
    Invocation i;
    i.command = text(step, "command", "build");
    i.id = "00000000-0000-4000-8000-000000000000";
    i.started_at = WallTime{std::chrono::seconds{1'767'225'600}};
    i.full_refresh = flag(step, "full_refresh");
    i.strict = flag(step, "strict");
    if (const Node* vars = step.find("vars")) i.vars = yaml_value(*vars);
    std::map<std::string, std::string> env;
    if (const Node* e = node_.find("env"))
      for (const auto& [name, value] : e->members) env[name] = value.scalar;
    i.environment = [env](std::string_view name) -> std::optional<std::string> {
      const auto it = env.find(std::string(name));
      return it == env.end() ? std::nullopt : std::optional(it->second);
    };
    return i;
  }

  /// An expected error was met, or an unexpected one is told. True: the step ends here.
  bool ended_by(const Node& step, const Error* error) {
    const Node* want = step.find("error");
    if (error == nullptr) return false;
    std::string told = error->message;
    for (const std::string& line : error->trail) told += "\n" + line;
    if (!error->hint.empty()) told += "\ntry: " + error->hint;
    if (want == nullptr) {
      fail("unexpected error: " + told);
    } else {
      met_error_ = true;
      keep(told);
      const auto has = [&](const Node& part) {
        if (told.find(part.scalar) == std::string::npos)
          fail(fmt::format("error:\n      got  {}\n      want {}", told, part.scalar));
      };
      if (want->kind == Node::Kind::sequence)
        for (const Node& part : want->items) has(part);
      else
        has(*want);
    }
    return true;
  }

  /// Without the folder, which is another one each time.
  void keep(std::string told) {
    const std::string folder = folder_.path().string();
    for (auto at = told.find(folder); at != std::string::npos; at = told.find(folder))
      told.replace(at, folder.size(), "…");
    errors_ += told + "\n";
  }

  void step(const Node& step, std::size_t number) {
    where_ = number > 1 || node_.find("steps") != nullptr ? fmt::format("step {}: ", number) : "";
    met_error_ = false;
    if (const Node* files = step.find("files"); files != nullptr && &step != &node_)
      for (const auto& [path, content] : files->members) folder_.write("p/" + path, content.scalar);
    if (const Node* sql = step.find("before"))
      for (const Node& s : sql->items)
        if (auto done = session_->query({"before", s.scalar}); !done) fail(done.error().message);
    work(step);
    if (step.find("error") != nullptr && !met_error_) fail("no error, expected one with: " + text(step, "error"));
    rows(step);
  }

  void work(const Node& step) {
    told_.clear();
    auto loaded = LoadedProject::load(
        (folder_.path() / "p").string(), target(step), invocation(step),
        [this](std::string_view t, bool w) { told_.push_back((w ? "warn: " : "") + std::string(t)); });
    if (ended_by(step, loaded ? nullptr : &loaded.error())) return;
    LoadedProject& p = **loaded;
    graph(step, p);
    if (!compiled(step, p)) return;
    if (const Node* told = step.find("told"))
      for (const Node& t : told->items)
        if (std::find(told_.begin(), told_.end(), t.scalar) == told_.end())
          fail("not told: " + t.scalar + "; told: " + join(told_, " | "));
    warnings(step, p);
    if (step.find("statuses") != nullptr || step.find("command") != nullptr || step.find("totals") != nullptr)
      runs(step, p);
  }

  void warnings(const Node& step, LoadedProject& p) {
    const Node* want = step.find("warnings");
    if (want == nullptr) return;
    std::string all;
    for (const Warning& w : p.project().warnings) all += w.where + ": " + w.message + " " + w.hint + "\n";
    for (const Node& t : want->items)
      if (all.find(t.scalar) == std::string::npos) fail("no warning \"" + t.scalar + "\" in: " + all);
  }

  const millrace::transform::Node* node_called(LoadedProject& p, const std::string& name) {
    for (const auto& n : p.project().nodes)
      if (n.unique_id == name || (n.name == name && n.type != ResourceType::source)) return &n;
    fail("there is no node " + name);
    return nullptr;
  }

  void graph(const Node& step, LoadedProject& p) {
    if (const Node* want = step.find("depends_on"))
      for (const auto& [name, list] : want->members)
        if (const auto* n = node_called(p, name)) {
          std::vector<std::string> got, expected;
          for (const NodeId id : n->depends_on) got.push_back(p.project().nodes[id].unique_id);
          for (const Node& i : list.items) expected.push_back(i.scalar);
          same("depends_on of " + name, join(got, ", "), join(expected, ", "));
        }
    if (const Node* want = step.find("relations"))
      for (const auto& [name, relation] : want->members)
        if (const auto* n = node_called(p, name)) same("relation of " + name, n->relation.text(), relation.scalar);
    if (const Node* want = step.find("configs"))
      for (const auto& [name, configs] : want->members)
        if (const auto* n = node_called(p, name))
          for (const auto& [key, value] : configs.members) {
            const jinja::Value* v = n->config.find(key);
            const auto got = v == nullptr ? Result<std::string>(std::string("unset")) : jinja::to_text(*v);
            same("config " + key + " of " + name, got ? *got : got.error().message, value.scalar);
          }
    if (const Node* want = step.find("nodes")) {
      std::set<std::string> got, expected;
      for (const auto& n : p.project().nodes)
        if (!n.disabled) got.insert(n.unique_id);
      for (const Node& i : want->items) expected.insert(i.scalar);
      same("nodes", fmt::format("{}", join({got.begin(), got.end()}, " ")),
           join({expected.begin(), expected.end()}, " "));
    }
    if (const Node* want = step.find("attributes"))
      for (const auto& [name, keys] : want->members)
        if (const auto* n = node_called(p, name))
          for (const auto& [key, value] : keys.members) {
            const std::string got = key == "description" ? n->description
                                    : key == "fqn"       ? join(n->fqn, ".")
                                    : key == "alias"     ? n->alias
                                    : key == "path"      ? n->original_path
                                                         : "?";
            same(key + " of " + name, got, value.scalar);
          }
    selections(step, p);
  }

  static std::string join(const std::vector<std::string>& parts, std::string_view between) {
    return millrace::join(parts, between);
  }

  void selections(const Node& step, LoadedProject& p) {
    const Node* list = step.find("selections");
    if (list == nullptr) return;
    for (const Node& s : list->items) {
      const std::string said = text(s, "select") + (s.find("exclude") != nullptr ? " - " + text(s, "exclude") : "");
      auto chosen = select(p.project(), p.graph(), request(s));
      if (const Node* want = s.find("error")) {
        if (chosen || chosen.error().message.find(want->scalar) == std::string::npos)
          fail("selection " + said + ": expected the error " + want->scalar +
               (chosen ? "" : ", got " + chosen.error().message));
        continue;
      }
      if (!chosen) {
        fail("selection " + said + ": " + chosen.error().message);
        continue;
      }
      std::vector<std::string> got, expected;
      for (const NodeId id : chosen->nodes) {
        const auto& n = p.project().nodes[id];
        got.push_back(n.source ? n.source->source_name + "." + n.name : n.name);
      }
      if (const Node* nodes = s.find("nodes"))
        for (const Node& i : nodes->items) expected.push_back(i.scalar);
      std::sort(got.begin(), got.end());
      std::sort(expected.begin(), expected.end());
      same("selection " + said, join(got, " "), join(expected, " "));
      if (const Node* w = s.find("warning");
          w != nullptr && (chosen->warnings.empty() || chosen->warnings[0].find(w->scalar) == std::string::npos))
        fail("selection " + said + ": no warning " + w->scalar);
    }
  }

  static SelectionRequest request(const Node& s) {
    SelectionRequest r;
    if (const Node* v = s.find("select")) r.select = {v->scalar};
    if (const Node* v = s.find("exclude")) r.exclude = {v->scalar};
    if (const Node* v = s.find("resource_type")) r.resource_types = {v->scalar};
    const std::string how = text(s, "indirect", "eager");
    r.indirect = how == "cautious"    ? Indirect::cautious
                 : how == "buildable" ? Indirect::buildable
                 : how == "empty"     ? Indirect::empty
                                      : Indirect::eager;
    return r;
  }

  /// SQL is compared without blank ends; `compiled_has` looks for a part, with runs of blanks as one.
  bool compiled(const Node& step, LoadedProject& p) {
    Catalogue catalogue(*session_);
    if (auto s = catalogue.load(); !s) fail(s.error().message);
    p.renderer().look_into(&catalogue);
    bool good = true;
    for (const std::string_view key : {"compiled", "compiled_has"}) {
      const Node* want = step.find(key);
      if (want == nullptr) continue;
      for (const auto& [name, sql] : want->members) {
        const auto* n = node_called(p, name);
        if (n == nullptr) continue;
        const Status done = p.renderer().compile(p.project().id_of(n->unique_id));
        if (ended_by(step, done ? nullptr : &done.error())) {
          good = false;
          break;
        }
        if (key == "compiled")
          same("SQL of " + name, squeezed(n->compiled_code), squeezed(sql.scalar));
        else if (squeezed(n->compiled_code).find(squeezed(sql.scalar)) == std::string::npos)
          fail(fmt::format("SQL of {}:\n      got  {}\n      want {}", name, squeezed(n->compiled_code),
                           squeezed(sql.scalar)));
      }
    }
    if (good && step.find("error") != nullptr && step.find("command") == nullptr) {
      const Status done = p.compile_all();
      good = !ended_by(step, done ? nullptr : &done.error());
    }
    p.renderer().look_into(nullptr);
    return good;
  }

  static std::string squeezed(std::string_view text) {
    std::string out;
    for (const char c : trimmed(text)) {
      const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
      if (!blank)
        out += c;
      else if (!out.empty() && out.back() != ' ')
        out += ' ';
    }
    return out;
  }

  void runs(const Node& step, LoadedProject& p) {
    const std::string command = text(step, "command", "build");
    auto chosen = select(p.project(), p.graph(), request(step));
    if (ended_by(step, chosen ? nullptr : &chosen.error())) return;
    RunRequest r;
    r.gate = flag(step, "gate");
    r.fail_fast = flag(step, "fail_fast");
    r.store_failures = flag(step, "store_failures");
    r.warn_error = flag(step, "warn_error");
    for (const NodeId id : chosen->nodes) {
      const ResourceType t = p.project().nodes[id].type;
      if (command == "build" || (command == "run" && t == ResourceType::model) ||
          (command == "seed" && t == ResourceType::seed) || (command == "test" && t == ResourceType::test))
        r.nodes.push_back(id);
    }
    auto report = p.run(*session_, system_clock(), r);
    if (ended_by(step, report ? nullptr : &report.error())) return;
    results(step, *report);
  }

  void results(const Node& step, const RunReport& report) {
    std::string told;
    for (const NodeResult& n : report.results)
      if (!n.message.empty()) told += n.name + ": " + n.message + "\n";
    for (const NodeResult& n : report.results)
      if (n.status == RunStatus::error) keep(n.name + ": " + n.message + (n.hint.empty() ? "" : "\ntry: " + n.hint));
    if (const Node* want = step.find("statuses")) {
      std::map<std::string, std::string> got;
      for (const NodeResult& n : report.results)
        got[n.name] = std::string(name_of(n.status)) + (n.failures > 0 ? fmt::format(" {}", n.failures) : "");
      for (const auto& [name, status] : want->members)
        same("status of " + name, got.contains(name) ? got[name] : "not run", status.scalar);
      if (!failures_.empty() && !told.empty()) fail("messages:\n" + told);
    }
    if (const Node* want = step.find("messages"))
      for (const auto& [name, message] : want->members)
        for (const NodeResult& n : report.results)
          if (n.name == name && n.message.find(message.scalar) == std::string::npos)
            fail(fmt::format("message of {}:\n      got  {}\n      want {}", name, n.message, message.scalar));
    if (const Node* want = step.find("order")) {
      std::vector<std::string> got, expected;
      for (const NodeResult& n : report.results) got.push_back(n.name);
      for (const Node& i : want->items) expected.push_back(i.scalar);
      same("order", join(got, " "), join(expected, " "));
    }
    if (const Node* want = step.find("totals")) {
      const Totals t = report.totals();
      same("totals",
           fmt::format("PASS={} WARN={} ERROR={} SKIP={} TOTAL={}", t.pass, t.warn, t.error, t.skip, t.total()),
           want->scalar);
      if (!failures_.empty() && !told.empty()) fail("messages:\n" + told);
    }
    if (const Node* want = step.find("committed")) same("committed", report.committed ? "true" : "false", want->scalar);
  }

  /// rows: {"select …": "1,a;2,b"}: cells by commas, rows by semicolons; or "error" for a query that must not run.
  void rows(const Node& step) {
    const Node* want = step.find("rows");
    if (want == nullptr) return;
    for (const auto& [sql, expected] : want->members) {
      const auto got = session_->query({"rows", sql});
      std::string told;
      if (!got) {
        told = expected.scalar == "error" ? "error" : got.error().message;
      } else {
        for (const auto& row : got->rows) {
          if (!told.empty()) told += ';';
          for (std::size_t c = 0; c < row.size(); ++c) told += (c > 0 ? "," : "") + warehouse::to_text(row[c]);
        }
      }
      same(sql, told, expected.scalar);
    }
  }

  const Node& node_;
  testing::TempFolder folder_;
  std::unique_ptr<warehouse::Warehouse> warehouse_;
  std::unique_ptr<warehouse::Session> session_;
  std::vector<std::string> failures_, told_;
  std::string where_, errors_;
  bool met_error_ = false;
};

int main(int argc, char** argv) {
  std::size_t passed = 0, failed = 0;
  std::set<std::string> names;
  const std::string option = argc > 2 ? argv[1] : "", value = argc > 2 ? argv[2] : "";
  const std::string only = option == "--only" ? value : "", golden = option == "--golden" ? value : "";
  std::string errors;
  for (int i = only.empty() && golden.empty() ? 1 : 3; i < argc; ++i) {
    const auto cases = yaml::load(argv[i]);
    if (!cases) {
      std::fprintf(stderr, "%s\n", cases.error().message.c_str());
      return 2;
    }
    for (const Node& node : cases->items) {
      const Node* name = node.find("case");
      const Node* rule = node.find("rule");
      if (name == nullptr || rule == nullptr || !names.insert(name->scalar).second) {
        std::fprintf(stderr, "%s:%d: a case needs a name of its own and the rule it shows\n", argv[i], node.line);
        return 2;
      }
      if (!only.empty() && name->scalar.find(only) == std::string::npos) continue;
      Case one(node);
      const std::vector<std::string> wrong = one.run();
      if (!one.errors().empty()) errors += fmt::format("== {}\n{}\n", name->scalar, one.errors());
      ++(wrong.empty() ? passed : failed);
      if (wrong.empty()) continue;
      std::fprintf(stderr, "FAILED %s:%d: %s (%s)\n", argv[i], node.line, name->scalar.c_str(), rule->scalar.c_str());
      for (const std::string& w : wrong) std::fprintf(stderr, "    %s\n", w.c_str());
    }
  }
  if (!golden.empty()) {
    const auto same = testing::matches_golden(errors, golden);
    if (!same) std::fprintf(stderr, "%s\n", same.message());
    return same ? 0 : 1;
  }
  std::printf("%zu cases passed, %zu failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace
}  // namespace millrace::transform

int main(int argc, char** argv) { return millrace::transform::main(argc, argv); }
