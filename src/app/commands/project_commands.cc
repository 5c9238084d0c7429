// init, sample.
#include <fmt/format.h>

#include <filesystem>

#include "app/commands.h"
#include "app/config.h"
#include "app/example_files.h"
#include "app/lake_store.h"
#include "app/sample.h"
#include "app/tell.h"
#include "base/files.h"
#include "base/json.h"
#include "base/words.h"

namespace millrace::app {
namespace {

namespace fs = std::filesystem;

int failed(const Error& error) {
  print_error(stderr, error);
  return 2;
}

Status make_folder(const fs::path& folder) {
  std::error_code ec;
  fs::create_directories(folder, ec);
  if (ec) return error_of_errno(ec.value(), folder, "creating the folder");
  return ok();
}

Status write_example(const fs::path& folder) {
  for (const ExampleFile& file : example_files()) {
    if (fs::exists(folder / file.path))
      return Error{ErrorKind::conflict,
                   fmt::format("{} is there already", (folder / file.path).string()),
                   "init writes into an empty folder only: millrace init another-folder",
                   {}};
  }
  for (const ExampleFile& file : example_files()) {
    MR_CHECK(make_folder((folder / file.path).parent_path()));
    MR_CHECK(write_file_atomically(folder / file.path, file.text));
  }
  return make_folder(folder / "lake/landing/orders");
}

Result<fs::path> landing_folder(const CommonOptions& common) {
  MR_TRY(const Config config, load_config(common.project));
  ingest::Source source;
  source.pattern = config.sources.front().files;
  MR_TRY(const fs::path lake, lake_folder(config, "millrace sample",
                                          "write files with --out DIR, and upload them: aws s3 cp --recursive DIR " +
                                              landing_places(config).front()));
  const fs::path folder = lake / source.folder();
  MR_CHECK(make_folder(folder));
  return folder;
}

void print_sample(const SampleReport& report, const fs::path& folder, bool as_json) {
  if (as_json) {
    json::Writer w;
    w.begin_object()
        .member("folder", folder.string())
        .member("rows", report.rows)
        .member("bytes", report.bytes)
        .key("files")
        .begin_array();
    for (const std::string& f : report.files) w.value(f);
    w.end_array().key("defects").begin_object();
    for (const auto& [kind, n] : report.defects) w.member(kind, n);
    w.end_object().end_object();
    tell(stdout, "{}\n", w.text());
    return;
  }
  std::int64_t defects = 0;
  for (const auto& [kind, n] : report.defects) defects += n;
  tell(stdout, "{:<8} {} in {}, {}, {} in {}\n", "sample", counted(report.rows, "row"),
       counted(static_cast<std::int64_t>(report.files.size()), "file"), bytes_in_words(report.bytes),
       counted(defects, "defect"), folder.string());
}

}  // namespace

int run_init(const std::string& folder) {
  if (auto s = write_example(folder); !s) return failed(s.error());
  tell(stdout, "{:<8} {} is a project now: the orders example, with contract, models and tests\n", "init",
       fs::absolute(folder).lexically_normal().string());
  tell(stdout, "{:<8} millrace sample --project {}     writes order files to load\n", "next", folder);
  tell(stdout, "{:<8} millrace up --project {}         loads, builds, tests and serves them\n", "", folder);
  return 0;
}

int run_sample(const CommonOptions& common, const SampleArguments& a) {
  SampleOptions options;
  options.rows = a.rows;
  options.files = a.files;
  options.seed = a.seed;
  options.defect_rate = a.defects;
  if (a.out.empty()) {
    auto folder = landing_folder(common);
    if (!folder) return failed(folder.error());
    options.folder = *folder;
  } else {
    options.folder = a.out;
  }
  const auto report = write_sample(options);
  if (!report) return failed(report.error());
  print_sample(*report, options.folder, common.json);
  return 0;
}

}  // namespace millrace::app
