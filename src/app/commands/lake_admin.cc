// lake plan|apply|status|policy: how the bucket is set, and who may do what in it.
#include "app/commands/lake_admin.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "app/bucket_wish.h"
#include "app/config.h"
#include "app/reporter.h"
#include "app/s3_connection.h"
#include "app/tell.h"
#include "base/json.h"
#include "base/words.h"
#include "lake/s3/admin/client_api.h"
#include "lake/s3/admin/plan.h"
#include "lake/s3/admin/roles.h"
#include "lake/s3/admin/terraform.h"

namespace millrace::app {
namespace {

namespace admin = lake::s3::admin;

struct AdminArguments {
  std::string role;                         ///< policy: "" for all, with terraform only
  std::string format = "json";              ///< policy
  std::string stage_folder = "processed/";  ///< policy: what Snowflake reads
  bool yes = false;                         ///< apply: also what can never be taken back
};

/// The project's bucket, for one command.
struct Bucket {
  Config config;
  admin::Desired desired;
  std::shared_ptr<S3Connection> connection;
  std::unique_ptr<lake::s3::Client> client;
  std::unique_ptr<admin::BucketApi> api;
};

Result<Bucket> open_bucket(const CommonOptions& common, std::string_view what) {
  Bucket b;
  MR_TRY(b.config, load_config(common.project));
  MR_TRY(b.desired, desired_of(b.config, what));
  MR_TRY(b.connection, S3Connection::make(*b.config.lake.s3, system_clock()));
  MR_TRY(lake::s3::Endpoint endpoint, lake::s3::Endpoint::make(b.connection->endpoint(), b.desired.bucket));
  b.client = std::make_unique<lake::s3::Client>(std::move(endpoint), b.connection->parts(), lake::s3::ClientOptions{});
  b.api = admin::bucket_api_over(*b.client);
  return b;
}

void write_changes(json::Writer& w, std::string_view name, const std::vector<admin::Change>& changes) {
  w.key(name).begin_array();
  for (const admin::Change& c : changes) {
    w.begin_object().member("mark", admin::name_of(c.mark)).member("setting", c.sub).member("name", c.name);
    const bool why = c.mark == admin::Mark::cannot || c.mark == admin::Mark::unread || c.mark == admin::Mark::refused;
    if (why)
      w.member("why", c.to);
    else
      w.member("from", c.from).member("to", c.to);
    w.end_object();
  }
  w.end_array();
}

std::string json_of(const Bucket& b, const admin::Plan& plan) {
  json::Writer w;
  w.begin_object().member("lake", b.config.lake.url).member("differs", plan.differs());
  w.member("as_wanted", plan.as_wanted);
  write_changes(w, "changes", plan.changes);
  w.key("foreign").begin_array();
  for (const admin::Foreign& f : plan.foreign)
    w.begin_object().member("setting", f.noun).member("count", f.count).end_object();
  return w.end_array().end_object().text();
}

Result<int> plan(const CommonOptions& common, const AdminArguments&) {
  MR_TRY(const Bucket b, open_bucket(common, "lake plan"));
  MR_TRY(const admin::Plan plan, admin::make_plan(*b.api, b.desired));
  if (common.json)
    tell(stdout, "{}\n", json_of(b, plan));
  else
    tell(stdout, "{}", in_words(plan));
  if (plan.differs()) tell(stderr, "millrace lake apply makes the bucket so\n");
  return 0;
}

/// As plan, but a difference is a failure: for cron and for CI.
Result<int> status(const CommonOptions& common, const AdminArguments&) {
  MR_TRY(const Bucket b, open_bucket(common, "lake status"));
  MR_TRY(const admin::Plan plan, admin::make_plan(*b.api, b.desired));
  if (common.json)
    tell(stdout, "{}\n", json_of(b, plan));
  else
    tell(stdout, "{:<8} {}\n{}", plan.differs() ? "drift" : "ok", printable(b.config.lake.url), in_words(plan));
  return plan.differs() ? 1 : 0;
}

/// A lock in mode compliance cannot be taken back by anybody, the account's root neither.
Status ask_before_compliance(const Bucket& b, const admin::Plan& plan, bool yes) {
  if (yes || !b.desired.security.object_lock || !b.desired.security.object_lock->compliance) return ok();
  for (const admin::Change& c : plan.changes)
    if (c.sub == "object-lock" && c.mark != admin::Mark::cannot)
      return Error{ErrorKind::invalid_input,
                   fmt::format("{} would be locked: {}; nobody can undo that for an object, and nothing was changed",
                               b.config.lake.url, c.to),
                   "add --yes, or use mode: governance",
                   {}};
  return ok();
}

Result<int> apply(const CommonOptions& common, const AdminArguments& a) {
  MR_TRY(const Bucket b, open_bucket(common, "lake apply"));
  MR_TRY(const admin::Plan before, admin::make_plan(*b.api, b.desired));
  MR_CHECK(ask_before_compliance(b, before, a.yes));
  const admin::Patience patience{.sleeper = &net::thread_sleeper()};
  MR_TRY(const admin::Applied applied, admin::apply(*b.api, b.desired, patience, [&](const admin::Change& c) {
           if (!common.json) tell(stdout, "{}\n", in_words(c));
         }));
  if (common.json) {
    json::Writer w;
    w.begin_object().member("lake", b.config.lake.url);
    write_changes(w, "done", applied.done);
    write_changes(w, "not_done", applied.not_done);
    tell(stdout, "{}\n", w.end_object().text());
  } else if (applied.done.empty()) {
    tell(stdout, "nothing to change: {} as wanted\n", before.as_wanted);
  } else {
    tell(stdout, "{} made\n", counted(static_cast<std::int64_t>(applied.done.size()), "change"));
  }
  const bool all = std::all_of(applied.not_done.begin(), applied.not_done.end(),
                               [](const admin::Change& c) { return c.mark == admin::Mark::cannot; });
  return all ? 0 : 1;
}

Result<int> policy(const CommonOptions& common, const AdminArguments& a) {
  MR_TRY(const Config config, load_config(common.project));
  MR_TRY(const admin::Desired desired, desired_of(config, "lake policy"));
  MR_TRY(const lake::s3::Endpoint endpoint,
         lake::s3::Endpoint::make({.region = config.lake.s3->region.empty() ? "us-east-1" : config.lake.s3->region,
                                   .endpoint = config.lake.s3->endpoint,
                                   .path_style = config.lake.s3->path_style},
                                  desired.bucket));
  MR_CHECK(admin::check(desired, endpoint.is_aws()));
  admin::RoleOptions options;
  options.aws = endpoint.is_aws();
  options.stage_folder = a.stage_folder.ends_with('/') ? a.stage_folder : a.stage_folder + "/";
  const auto role = admin::role_of(a.role);
  if (!a.role.empty() && !role)
    return Error{ErrorKind::invalid_input,
                 fmt::format("\"{}\" is no role of a lake", printable(a.role)),
                 "one of: uploader, loader, auditor, snowflake",
                 {}};
  if (a.format == "terraform") {
    const std::vector<admin::Role> one = role ? std::vector{*role} : std::vector<admin::Role>{};
    fmt::print("{}", role ? admin::terraform_of_roles(desired, one, options)
                          : admin::terraform_of(desired, admin::kRoles, options));
    return 0;
  }
  if (!role)
    return Error{ErrorKind::invalid_input,
                 "whose policy is wanted?",
                 "--role uploader, loader, auditor or snowflake; --format terraform gives all of them with the bucket",
                 {}};
  fmt::print("{}", admin::policy_for(*role, desired, options));
  if (!options.aws)
    tell(stderr, "for {}: actions that only AWS knows are left out, it would refuse the whole policy for one\n",
         printable(config.lake.s3->endpoint));
  return 0;
}

using Work = Result<int> (*)(const CommonOptions&, const AdminArguments&);

CLI::App* add(CLI::App& lake, CommonOptions& common, std::function<int()>& run, const char* name, const char* help,
              const std::shared_ptr<AdminArguments>& words, Work work) {
  CLI::App* c = lake.add_subcommand(name, help);
  c->add_option("-p,--project,--project-dir", common.project, "folder of the project")->capture_default_str();
  c->add_flag("--json", common.json, "results as JSON on stdout");
  c->callback([&common, &run, words, work] {
    run = [&common, words, work] {
      const Result<int> code = work(common, *words);
      return code ? *code : finish_with(common, code.error());
    };
  });
  return c;
}

}  // namespace

void add_lake_admin(CLI::App& lake, CommonOptions& common, std::function<int()>& run) {
  const auto words = std::make_shared<AdminArguments>();
  add(lake, common, run, "plan", "what apply would change in the bucket's settings", words, plan);
  add(lake, common, run, "status", "are the bucket's settings as millrace.yaml says? 1: they are not", words, status);
  CLI::App* c =
      add(lake, common, run, "apply", "set the bucket as millrace.yaml says; others' rules stay", words, apply);
  c->add_flag("--yes", words->yes, "also lock objects in mode compliance, which nobody can undo");
  c = add(lake, common, run, "policy", "least-privilege policies for those who work with the lake", words, policy);
  c->add_option("--role", words->role, "uploader, loader, auditor or snowflake");
  c->add_option("--format", words->format, "json, or terraform: without --role also the bucket and its settings")
      ->capture_default_str()
      ->check(CLI::IsMember({"json", "terraform"}));
  c->add_option("--stage-folder", words->stage_folder, "with the role snowflake: the folder that its stage reads")
      ->capture_default_str();
}

}  // namespace millrace::app
