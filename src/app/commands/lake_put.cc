// lake put: files of this machine land.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "app/commands/lake_commands.h"
#include "app/dry_run.h"
#include "app/progress_bar.h"
#include "app/tell.h"
#include "base/files.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/words.h"
#include "ingest/source.h"
#include "lake/ignored_name.h"

namespace millrace::app {
namespace {

namespace fs = std::filesystem;

struct Landed {
  std::string file, key, sha256, outcome;  // outcome: "landed", "unchanged", "replaced"
  std::uint64_t bytes = 0;
};

Error refused(std::string message, std::string hint) {
  return {ErrorKind::invalid_input, std::move(message), std::move(hint), {}};
}

/// Would the lake take a file of this name for a delivery? And is its place one where files may land?
Status check_key(const std::string& key) {
  const std::string name = key.substr(key.rfind('/') + 1);
  const auto odd = [&](std::string_view why) {
    return refused(fmt::format("{}: {}, expected the name of a file to load", shown_key(key), why),
                   "give it another one with --to");
  };
  if (name.empty()) return odd("the name is empty");
  if (std::any_of(key.begin(), key.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return odd("the name holds control characters");
  for (std::size_t from = 0; from <= key.size();) {
    const std::size_t end = std::min(key.find('/', from), key.size());
    if (const auto reason = lake::reason_to_ignore(std::string_view(key).substr(from, end - from)); !reason.empty())
      return odd(fmt::format("the lake passes it over: {}", reason));
    from = end + 1;
  }
  const auto slash = key.find('/');
  if (slash == std::string::npos) return odd("it names no folder");
  for (const std::string_view own : {"processed", "quarantine", "unloaded", "cold", "frozen", "restored", "expired"})
    if (key.substr(0, slash) == own) return odd(fmt::format("{}/ is where millrace keeps what it has taken", own));
  return ok();
}

ingest::Source pattern_of(const SourceConfig& config) {
  ingest::Source source;
  source.pattern = config.files;
  return source;
}

/// Without --to: the landing folder of the one source that takes a file of this name.
Result<std::string> landing_key(const Config& config, const std::string& name) {
  std::vector<std::string> keys, patterns;
  for (const SourceConfig& s : config.sources) {
    const ingest::Source source = pattern_of(s);
    patterns.push_back(s.files);
    if (source.matches(source.folder() + name)) keys.push_back(source.folder() + name);
  }
  if (keys.size() == 1) return keys.front();
  return refused(keys.empty()
                     ? fmt::format("{}: no source takes a file of this name: {}", shown_key(name), join(patterns, ", "))
                     : fmt::format("{}: {} sources take a file of this name", shown_key(name), keys.size()),
                 "say where it lands: --to landing/orders/");
}

Result<std::string> key_for(const Config& config, const LakeArguments& a, const std::string& file) {
  const std::string name = fs::path(file).filename().string();
  std::string key;
  if (a.to.empty()) {
    MR_TRY(key, landing_key(config, name));
  } else {
    key = a.to.ends_with('/') ? a.to + name : a.to;
  }
  MR_CHECK(check_key(key));
  return key;
}

Result<std::string> digest_with_bar(const std::string& file, lake::ObjectStore& store, const lake::ObjectInfo& object) {
  MR_TRY(const auto reader, store.open(object));
  ProgressBar bar(stderr, "put  " + shown_key(file), object.size_bytes);
  std::vector<char> piece(1 << 20);
  Sha256 hash;
  for (std::uint64_t done = 0;;) {
    MR_TRY(const std::size_t n, reader->read(piece));
    hash.update({piece.data(), n});
    bar.at(done += n);
    if (n < piece.size()) return hash.hex_digest();
  }
}

/// What was written must read back as it was; a loader that runs may have taken it already.
Status verify(lake::ObjectStore& store, const std::string& key, const std::string& sha256) {
  MR_TRY(const auto there, store.head(key));
  if (!there) return ok();
  const auto digest = lake::digest_of(store, *there);
  if (!digest && (digest.error().kind == ErrorKind::not_found || digest.error().kind == ErrorKind::conflict))
    return ok();
  if (!digest) return digest.error();
  if (*digest == sha256) return ok();
  return Error{ErrorKind::conflict,
               fmt::format("{}: found other bytes than were put there: somebody else wrote, or the file changed",
                           store.url_of(key)),
               "look at both, and put it again",
               {}};
}

Result<Landed> put_one(const Config& config, lake::ObjectStore& store, const LakeArguments& a,
                       const std::string& file) {
  MR_TRY(const std::string key, key_for(config, a, file));
  MR_TRY(const NamedFile named, open_named_file(file));
  Landed out{file, key, "", "landed", named.object.size_bytes};
  MR_TRY(out.sha256, digest_with_bar(file, *named.store, named.object));
  MR_TRY(const auto there, store.head(key));
  if (there) {
    const auto digest = lake::digest_of(store, *there);
    if (digest && *digest == out.sha256) {
      out.outcome = "unchanged";
      return out;
    }
    if (!a.force)
      return Error{ErrorKind::conflict,
                   fmt::format("{}: other bytes stand there", store.url_of(key)),
                   "give it another name with --to, or write over it with --force",
                   {}};
    out.outcome = "replaced";
  }
  MR_CHECK(store.put_file(key, file, {}));
  MR_CHECK(verify(store, key, out.sha256));
  return out;
}

bool taken_by_a_source(const Config& config, const std::string& key) {
  return std::any_of(config.sources.begin(), config.sources.end(),
                     [&](const SourceConfig& s) { return pattern_of(s).matches(key); });
}

void tell_of(const Config& config, const Landed& l) {
  tell(stdout, "{:<9} {}  {}, sha256 {}\n", l.outcome, shown_key(l.key), bytes_in_words(l.bytes), l.sha256);
  if (!taken_by_a_source(config, l.key)) tell(stderr, "{:<9} no source of millrace.yaml takes it\n", "note");
}

std::string json_of(const std::vector<Landed>& all) {
  json::Writer w;
  w.begin_object().key("files").begin_array();
  for (const Landed& l : all)
    w.begin_object()
        .member("file", l.file)
        .member("key", l.key)
        .member("bytes", l.bytes)
        .member("sha256", l.sha256)
        .member("outcome", l.outcome)
        .end_object();
  w.end_array().end_object();
  return w.text();
}

}  // namespace

int run_lake_put(const CommonOptions& common, const LakeArguments& a) {
  return with_lake(common, [&](const Config& config, lake::ObjectStore& store) -> Result<int> {
    if (a.keys.size() > 1 && !a.to.empty() && !a.to.ends_with('/'))
      return refused(fmt::format("--to {} is one key for {} files", shown_key(a.to), a.keys.size()),
                     "name a folder: " + a.to + "/");
    // Names first: a slip shall not leave half of the files landed.
    for (const std::string& file : a.keys) MR_CHECK(key_for(config, a, file));
    std::vector<Landed> all;
    for (const std::string& file : a.keys) {
      MR_TRY(Landed landed, put_one(config, store, a, file));
      if (!common.json) tell_of(config, landed);
      all.push_back(std::move(landed));
    }
    if (common.json) tell(stdout, "{}\n", json_of(all));
    return 0;
  });
}

}  // namespace millrace::app
