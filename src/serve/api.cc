#include "serve/api.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/log.h"
#include "base/words.h"
#include "serve/etag.h"
#include "serve/key.h"
#include "serve/page_rows.h"
#include "serve/sql.gen.h"
#include "serve/target.h"

namespace millrace::serve {
namespace {

Response refused(const Request& request, int status, std::string code, std::string detail) {
  return to_response({status, std::move(code), std::move(detail)}, request.target);
}

Response not_published(const Request& request) {
  Response response = refused(request, 503, "nothing_published",
                              "nothing has been published yet; the first complete run of the pipeline does it");
  response.headers = "Retry-After: 5\r\n";
  return response;
}

Response no_such_path(const Request& request, const Published& published) {
  std::vector<std::string> known{"/"};
  for (const PublishedEndpoint& e : published.endpoints)
    known.insert(known.end(), {e.endpoint.path, e.endpoint.path + "{" + e.endpoint.key + "}"});
  known.insert(known.end(), {"/healthz", "/readyz"});
  return refused(
      request, 404, "unknown_path",
      fmt::format("no endpoint at {}; known are {}", printable(split_target(request.target).path), join(known, ", ")));
}

Response not_modified(std::string etag) { return {304, {}, "ETag: " + std::move(etag) + "\r\n", {}}; }

/// The Host field where it can stand in a line for a shell; it is the client's own word all the same.
std::string base_url(std::string_view host) {
  constexpr std::string_view kSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]";
  if (host.empty() || host.find_first_not_of(kSafe) != std::string_view::npos) return "http://HOST";
  return "http://" + std::string(host);
}

void write_endpoint(json::Writer& w, const PublishedEndpoint& e, const std::string& base) {
  w.begin_object().member("path", e.endpoint.path).member("key", e.endpoint.key).member("count", e.count);
  w.key("columns").begin_array();
  for (const Column& column : e.columns) w.value(column.name);
  w.end_array();
  w.key("examples").begin_array();
  w.value(fmt::format("curl '{}{}?limit=10&offset=0'", base, e.endpoint.path));
  w.value(fmt::format("curl '{}{}{{{}}}'", base, e.endpoint.path, e.endpoint.key));
  w.end_array().end_object();
}

}  // namespace

Response Api::answer(const Request& request, const Published* published) {
  Response response = route(request, published);
  if (response.status == 200 && request.if_none_match == "*")
    if (const std::size_t tag = response.headers.find("ETag: "); tag != std::string::npos)
      response = {304, {}, response.headers.substr(tag), {}};
  if (published != nullptr)
    response.headers += "X-Millrace-Generation: " + std::to_string(published->generation) + "\r\n";
  return response;
}

Response Api::failed(const Request& request, const Error& error) {
  const std::string trace = fmt::format("{:016x}", random_.next());
  log::event("request_failed", log::Level::error,
             {{"trace", trace},
              {"target", printable(request.target)},
              {"kind", name_of(error.kind)},
              {"reason", error.message}});
  const bool later = error.kind == ErrorKind::unavailable || error.kind == ErrorKind::cancelled ||
                     error.kind == ErrorKind::deadline_exceeded;
  Response response =
      later ? refused(request, 503, "unavailable", "the engine does not answer now; trace " + trace)
            : refused(request, 500, "internal", "an error on our side; the log tells more at trace " + trace);
  if (later) response.headers = "Retry-After: 1\r\n";
  return response;
}

Response Api::route(const Request& request, const Published* published) {
  if (request.method != "GET" && request.method != "HEAD") {
    Response response =
        refused(request, 405, "method_not_allowed",
                fmt::format("found the method {}, expected GET or HEAD", printable(request.method, 20)));
    response.headers = "Allow: GET, HEAD\r\n";
    return response;
  }
  if (request.target.empty() || request.target[0] != '/' || request.target.find('#') != std::string_view::npos)
    return refused(request, 400, "bad_target", "expected a path that begins with / and has no fragment");
  const std::string_view path = split_target(request.target).path;
  if (path == "/healthz") return {200, kJson, {}, R"({"status":"ok"})"};
  if (path == "/readyz") return ready(request, published);
  if (path == "/") return index(request, published);
  if (published == nullptr) return not_published(request);
  return route_endpoint(request, *published);
}

Response Api::route_endpoint(const Request& request, const Published& published) {
  prepare(published);
  const Target target = split_target(request.target);
  std::string_view path = target.path;
  std::string decoded;  // the folder alone: an encoded slash in the key is part of the key
  const std::size_t folder = path.rfind('/') + 1;
  if (path.substr(0, folder).find('%') != std::string_view::npos) {
    const auto plain = percent_decoded(path.substr(0, folder), false);
    if (!plain) return refused(request, 400, "bad_encoding", "the path is not percent-encoded UTF-8");
    path = decoded = *plain + std::string(path.substr(folder));
  }
  for (EndpointPlan& plan : plans_) {
    const std::string_view known = plan.path;
    if (path == known || path == known.substr(0, known.size() - 1)) return page(request, published, plan, target.query);
  }
  for (EndpointPlan& plan : plans_) {
    if (!path.starts_with(plan.path)) continue;
    const std::string_view key = path.substr(plan.path.size());
    if (key.find('/') == std::string_view::npos) return row(request, published, plan, key);
  }
  return no_such_path(request, published);
}

void Api::prepare(const Published& published) {
  if (prepared_for_ == &published && generation_ == published.generation) return;
  plans_.clear();
  for (const PublishedEndpoint& endpoint : published.endpoints) plans_.emplace_back(endpoint, session_.dialect());
  prepared_for_ = &published;
  generation_ = published.generation;
}

Response Api::page(const Request& request, const Published& published, EndpointPlan& plan, std::string_view query) {
  const auto range = read_page_range(query);
  if (const auto* problem = std::get_if<Problem>(&range)) return to_response(*problem, request.target);
  std::string etag = etag_of(published, request.target);
  if (names_etag(request.if_none_match, etag)) return not_modified(std::move(etag));
  const auto [limit, offset] = std::get<PageRange>(range);
  const std::int64_t from = std::min(offset, plan.count), to = std::min(plan.count, from + limit);

  Response response{200, kJson, "ETag: " + etag + "\r\n", {}};
  std::string& body = response.body;
  body.reserve(plan.usual_bytes);
  body += "{\"count\":";
  json::append_number(body, plan.count);
  body += ",\"data\":[";
  if (from < to) {
    PageRows rows(plan.rows, body, from, to);
    plan.page.params[0] = from;
    plan.page.params[1] = to;
    auto done = session_.read(
        plan.page, [&](std::span<const ColumnView> columns, std::size_t batch) { return rows.take(columns, batch); });
    if (done) done = rows.finish();
    if (!done && rows.too_large())
      return refused(request, 400, "page_too_large",
                     fmt::format("the page is larger than {} bytes after {} of {} rows; ask for a smaller limit",
                                 PageRows::kMostBytes, rows.taken(), to - from));
    if (!done) return failed(request, done.error());
  }
  body += "]}";
  plan.usual_bytes = std::max(plan.usual_bytes, body.size() + body.size() / 16);
  return response;
}

Response Api::row(const Request& request, const Published& published, EndpointPlan& plan, std::string_view key) {
  const std::string_view query = split_target(request.target).query;
  if (const auto problem = refuse_parameters(query)) return to_response(*problem, request.target);
  const auto text = percent_decoded(key, false);
  auto value = text ? read_key(plan.key.type, *text) : std::nullopt;
  if (!value)
    return refused(
        request, 400, "bad_key",
        fmt::format("{}: found \"{}\", expected {}", plan.key.name, printable(key), expected_key(plan.key.type)));
  std::string etag = etag_of(published, request.target);
  if (names_etag(request.if_none_match, etag)) return not_modified(std::move(etag));

  plan.point.params[0] = *std::move(value);
  Response response{200, kJson, "ETag: " + etag + "\r\n", {}};
  std::size_t rows = 0;
  const auto done = session_.read(plan.point, [&](std::span<const ColumnView> columns, std::size_t batch) {
    rows += batch;
    plan.rows.append(response.body, columns, 0, batch);
    return ok();
  });
  if (!done) return failed(request, done.error());
  if (rows == 1) return response;
  if (rows == 0)
    return refused(request, 404, "no_such_row", fmt::format("no row with {} {}", plan.key.name, printable(*text)));
  return failed(request, {ErrorKind::internal, plan.path + ": several rows have one key", {}, {}});
}

Response Api::ready(const Request& request, const Published* published) {
  if (published == nullptr) return not_published(request);
  warehouse::Statement probe{"serve/ready", std::string(sql::ready)};
  probe.reusable = true;
  if (auto rows = session_.query(probe); !rows) {
    Error error = std::move(rows).error();
    error.kind = ErrorKind::unavailable;  // whatever it is: send requests to somebody else
    return failed(request, error);
  }
  return {200, kJson, {}, fmt::format(R"({{"status":"ready","generation":{}}})", published->generation)};
}

Response Api::index(const Request& request, const Published* published) {
  if (const auto problem = refuse_parameters(split_target(request.target).query))
    return to_response(*problem, request.target);
  json::Writer w;
  w.begin_object().member("product", "Millrace").key("generation");
  if (published == nullptr) {
    w.null();
  } else {
    w.value(published->generation).member("published_at", to_iso8601(published->at));
  }
  w.key("endpoints").begin_array();
  if (published != nullptr)
    for (const PublishedEndpoint& e : published->endpoints) write_endpoint(w, e, base_url(request.host));
  w.end_array().end_object();
  return {200, kJson, {}, w.text()};
}

}  // namespace millrace::serve
