// trace: where a row comes from.
#include "ingest/trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/commands/with_runtime.h"
#include "app/tell.h"
#include "base/json.h"
#include "base/words.h"

namespace millrace::app {
namespace {

using ingest::Source;

/// A source by its name or its landing table; an endpoint (or what it serves) where its key is the key of
/// exactly one source.
Result<const Source*> source_called(Runtime& runtime, const std::string& name) {
  const auto& sources = runtime.pipeline().sources();
  std::vector<std::string> names;
  for (const Source& s : sources) {
    if (s.name == name || s.table.text() == name) return &s;
    names.push_back(s.name);
  }
  for (const serve::Endpoint& e : runtime.config().endpoints) {
    if (e.path != name && e.path != "/" + name + "/" && e.path != name + "/" && e.relation != name) continue;
    const Source* found = nullptr;
    for (const Source& s : sources) {
      const auto key = ingest::tracing_key(s);
      if (!key || key->size() != 1 || s.contract.columns[key->front()].name != e.key) continue;
      if (found != nullptr)
        return Error{ErrorKind::invalid_input,
                     fmt::format("{} could come from {} or {}: both have the key {}", name, found->name, s.name, e.key),
                     "name the source",
                     {}};
      found = &s;
    }
    if (found != nullptr) return found;
  }
  const std::string near = nearest(name, names);
  return Error{ErrorKind::not_found,
               fmt::format("no source is called \"{}\"", printable(name)),
               near.empty() ? "one of: " + join(names, ", ") : fmt::format("did you mean {}?", near),
               {}};
}

std::string json_of(const ingest::Trace& t, const std::vector<std::string>& key) {
  json::Writer w;
  w.begin_object().member("source", t.source).member("table", t.table).key("key").begin_object();
  for (std::size_t i = 0; i < key.size(); ++i) w.member(t.columns[i], key[i]);
  w.end_object().key("rows").begin_array();
  for (const auto& r : t.rows) {
    w.begin_object().member("file", r.key).member("archive_key", r.archive_key).member("file_id", r.file_id);
    w.member("line", r.line).member("byte_offset", r.byte_offset).member("byte_length", r.byte_length);
    w.member("loaded_at", r.loaded_at).member("contract_version", r.contract_version);
    w.member("superseded_by", r.superseded_by).member("raw", r.raw).member("trouble", r.trouble).end_object();
  }
  w.end_array().key("quarantined").begin_array();
  for (const auto& q : t.quarantined)
    w.begin_object()
        .member("file", q.key)
        .member("line", q.line)
        .member("code", q.code)
        .member("reason", q.reason)
        .member("raw", q.raw)
        .end_object();
  w.end_array().member("more_quarantined", t.more_quarantined).end_object();
  return w.text();
}

void print(const ingest::Trace& t, const std::vector<std::string>& key) {
  std::vector<std::string> named;
  for (std::size_t i = 0; i < key.size(); ++i)
    named.push_back(t.columns[i] + " " + (key[i].empty() ? "NULL" : printable(key[i])));
  for (const auto& r : t.rows) {
    tell(stdout, "{} {}\n", t.source, join(named, ", "));
    if (r.superseded_by > 0) tell(stdout, "  superseded by a row of file {}\n", r.superseded_by);
    tell(stdout, "  file      {}\n  archive   {}\n", printable(r.key), printable(r.archive_key));
    tell(stdout, "  line      {}\n  bytes     {} to {}\n", r.line, r.byte_offset, r.byte_offset + r.byte_length);
    tell(stdout, "  loaded    {}, contract {}\n", r.loaded_at, r.contract_version);
    if (r.trouble.empty())
      tell(stdout, "  raw       {}\n", printable(r.raw, 4'000));
    else
      tell(stdout, "  raw       cannot be read: {}\n", r.trouble);
  }
  for (const auto& q : t.quarantined)
    tell(stdout, "quarantined  {}:{}  {}  {}\n  raw       {}\n", printable(q.key), q.line, q.code,
         printable(q.reason, 300), printable(q.raw, 4'000));
  if (t.more_quarantined) tell(stdout, "… and more: millrace quarantine list --source {} --limit 0\n", t.source);
}

}  // namespace

int run_trace(const CommonOptions& common, const TraceArguments& a) {
  return with_runtime(common, [&](Runtime& runtime) -> Result<int> {
    MR_TRY(const Source* source, source_called(runtime, a.source));
    MR_TRY(const ingest::Trace found, ingest::trace(runtime.session(), runtime.store(), *source, a.key));
    if (common.json)
      tell(stdout, "{}\n", json_of(found, a.key));
    else
      print(found, a.key);
    if (!found.rows.empty() || !found.quarantined.empty()) return 0;
    if (!common.json)
      tell(stderr,
           "no row of {} has {} {}, and no quarantined one holds it\n  try: millrace load, if its file is still in "
           "landing/; or millrace quarantine list, if its file was refused whole\n",
           found.table, join(found.columns, ", "), printable(join(a.key, ", ")));
    return 1;
  });
}

}  // namespace millrace::app
