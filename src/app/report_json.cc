#include "app/report_json.h"

#include "base/json.h"

namespace millrace::app {
namespace {

void write_rejects(json::Writer& w, std::string_view name, const std::vector<Reject>& rejects) {
  w.key(name).begin_array();
  for (const Reject& r : rejects) {
    w.begin_object()
        .member("line", r.line)
        .member("code", name_of(r.code))
        .member("column", r.column)
        .member("reason", r.reason);
    w.member("raw", r.raw).end_object();
  }
  w.end_array();
}

void write_number_or_null(json::Writer& w, std::string_view key, std::int64_t number) {
  w.key(key);
  if (number < 0)
    w.null();
  else
    w.value(number);
}

void write_models(json::Writer& w, const transform::RunReport& run) {
  w.key("models").begin_array();
  for (const auto& m : run.results) {
    if (m.type == transform::ResourceType::test) continue;
    w.begin_object()
        .member("unique_id", m.unique_id)
        .member("relation", m.relation)
        .member("materialized", m.materialized)
        .member("status", name_of(m.status))
        .member("done", m.status == transform::RunStatus::success);
    write_number_or_null(w, "rows", m.rows);
    w.member("message", m.message).member("milliseconds", m.elapsed().count()).end_object();
  }
  w.end_array();
}

void write_tests(json::Writer& w, const transform::RunReport& run) {
  w.key("tests").begin_array();
  for (const auto& t : run.results) {
    if (t.type != transform::ResourceType::test) continue;
    w.begin_object()
        .member("unique_id", t.unique_id)
        .member("name", t.name)
        .member("about", t.about)
        .member("status", name_of(t.status))
        .member("message", t.message);
    write_number_or_null(w, "failures", t.failures);
    w.key("examples").begin_array();
    for (const std::string& e : t.examples) w.value(e);
    w.end_array().end_object();
  }
  w.end_array();
}

}  // namespace

std::string json_of(const ingest::FileOutcome& o) {
  json::Writer w;
  w.begin_object()
      .member("source", o.source)
      .member("key", o.key)
      .member("set", o.set)
      .member("state", ingest::name_of(o.state))
      .member("file_id", o.file_id);
  w.member("sha256", o.sha256)
      .member("bytes", o.bytes)
      .member("records", o.records)
      .member("rows_loaded", o.rows_loaded);
  w.member("rows_quarantined", o.rows_quarantined)
      .member("rows_flagged", o.rows_flagged)
      .member("archive_key", o.archive_key);
  w.member("code", o.code)
      .member("reason", o.reason)
      .member("duplicate_of", o.duplicate_of)
      .member("replaced_older", o.replaced_older);
  w.member("from_archive", o.from_archive)
      .member("finished_move", o.finished_move)
      .member("flags_kept", o.flags_kept)
      .member("milliseconds", o.elapsed.count());
  w.key("rejects_by_code").begin_object();
  for (const auto& [code, n] : o.rejects_by_code) w.member(code, n);
  w.end_object().key("warnings_by_code").begin_object();
  for (const auto& [code, n] : o.warnings_by_code) w.member(code, n);
  w.end_object();
  write_rejects(w, "examples", o.examples);
  write_rejects(w, "flag_examples", o.flag_examples);
  w.end_object();
  return w.text();
}

std::string json_of(const lake::Ignored& i) {
  json::Writer w;
  w.begin_object().member("key", i.key).member("reason", i.reason).end_object();
  return w.text();
}

std::string json_of(const ingest::HandedOn& h) {
  json::Writer w;
  w.begin_object().member("source", h.source).member("set", h.set).key("objects").begin_array();
  for (const lake::ObjectInfo& o : h.objects)
    w.begin_object().member("key", o.key).member("bytes", o.size_bytes).member("version", o.version).end_object();
  w.end_array().end_object();
  return w.text();
}

std::string json_of(const ingest::HeldBack& h) {
  json::Writer w;
  w.begin_object().member("source", h.source).member("what", h.what).member("reason", h.reason).end_object();
  return w.text();
}

std::string json_of(const schedule::BuildReport& r) {
  json::Writer w;
  w.begin_object()
      .member("generation", r.generation)
      .member("published", r.published)
      .member("up_to_date", r.up_to_date);
  w.member("refused", r.refused).member("milliseconds", r.elapsed.count());
  write_models(w, r.run);
  write_tests(w, r.run);
  w.key("warnings").begin_array();
  for (const std::string& text : r.warnings) w.value(text);
  w.end_array().end_object();
  return w.text();
}

std::string json_of(const Error& e) {
  json::Writer w;
  w.begin_object()
      .member("kind", name_of(e.kind))
      .member("message", e.message)
      .member("hint", e.hint)
      .key("trail")
      .begin_array();
  for (const std::string& step : e.trail) w.value(step);
  w.end_array().end_object();
  return w.text();
}

std::string quoted_json(std::string_view text) {
  std::string out;
  json::append_string(out, text);
  return out;
}

std::string json_of_serving(const std::string& address, const std::vector<std::string>& paths) {
  json::Writer w;
  w.begin_object().member("address", address).key("paths").begin_array();
  for (const std::string& p : paths) w.value(p);
  w.end_array().end_object();
  return w.text();
}

}  // namespace millrace::app
