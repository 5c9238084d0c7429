#include "serve/api.h"

#include <gtest/gtest.h>

#include "base/log.h"
#include "warehouse/duckdb/database.h"

namespace millrace::serve {
namespace {

using ::testing::Test;

/// Lines of the log, to see what was kept for us and not told to the client.
struct Lines final : log::Sink {
  void line(std::string_view text) override { all += std::string(text) + "\n"; }
  std::string all;
};

struct ApiTest : Test {
  ApiTest() : db(*warehouse::duckdb::open({":memory:", 1, {}})), session(*db->connect()) {
    log::configure(log::Level::info, log::Format::json, system_clock(), &lines);
    EXPECT_TRUE(session->commit(
        {"setup",
         {{"schema", "CREATE SCHEMA millrace_serve"},
          {"orders",
           "CREATE TABLE millrace_serve.g7_orders AS SELECT i AS _mr_row, 100 + i AS order_id, "
           "'site ' || i AS website FROM range(250) r(i) ORDER BY 1"},
          {"sites",
           "CREATE TABLE millrace_serve.g7_sites AS SELECT 0::BIGINT AS _mr_row, 'a/b ä' AS site, 1.50::DECIMAL(5,2) "
           "AS fee UNION ALL SELECT 1, 'plain', NULL ORDER BY 1"}}}));
    published.endpoints = {{{"/orders/", "gold.v_orders", "order_id"},
                            R"("millrace_serve"."g7_orders")",
                            {{"order_id", {TypeKind::int64}}, {"website", {TypeKind::text}}},
                            0,
                            250},
                           {{"/sites/", "gold.sites", "site"},
                            R"("millrace_serve"."g7_sites")",
                            {{"site", {TypeKind::text}}, {"fee", {TypeKind::decimal, 5, 2}}},
                            0,
                            2}};
  }
  ~ApiTest() override { log::configure(log::Level::info, log::Format::human, system_clock()); }

  Response get(std::string_view target, std::string_view if_none_match = {}, std::string_view method = "GET") {
    return api.answer({method, target, "localhost:8080", if_none_match}, &published);
  }
  std::string body(std::string_view target) { return get(target).body; }
  /// "404 unknown_path"
  std::string problem(std::string_view target) {
    const Response r = get(target);
    EXPECT_EQ(r.content_type, kProblemJson) << target;
    const auto from = r.body.find("\"code\":\"") + 8;
    return std::to_string(r.status) + " " + r.body.substr(from, r.body.find('"', from) - from);
  }
  static std::string etag_in(const Response& r) {
    const auto from = r.headers.find("ETag: ") + 6;
    return r.headers.substr(from, r.headers.find("\r\n", from) - from);
  }

  Lines lines;
  std::unique_ptr<warehouse::Warehouse> db;
  std::unique_ptr<warehouse::Session> session;
  Published published{7, WallTime{std::chrono::seconds{1795348800}}, {}};
  Api api{*session, 1};
};

TEST_F(ApiTest, a_page_counts_all_rows_and_holds_the_asked_ones_in_key_order) {
  const Response r = get("/orders/?limit=2&offset=3");

  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.content_type, kJson);
  EXPECT_EQ(r.body,
            R"({"count":250,"data":[{"order_id":103,"website":"site 3"},{"order_id":104,"website":"site 4"}]})");
  EXPECT_NE(r.headers.find("X-Millrace-Generation: 7\r\n"), std::string::npos);
  EXPECT_EQ(etag_in(r).substr(0, 4), "\"g7-");
}

TEST_F(ApiTest, a_page_ends_with_the_data_and_may_be_empty) {
  EXPECT_EQ(body("/orders/?offset=249"), R"({"count":250,"data":[{"order_id":349,"website":"site 249"}]})");
  for (const char* empty : {"/orders/?offset=250", "/orders/?offset=9223372036854775807", "/orders/?limit=0"})
    EXPECT_EQ(body(empty), R"({"count":250,"data":[]})") << empty;
  const std::string usual = body("/orders/");
  EXPECT_NE(usual.find("\"order_id\":199,"), std::string::npos);
  EXPECT_EQ(usual.find("\"order_id\":200,"), std::string::npos);
}

TEST_F(ApiTest, the_collection_may_be_named_without_its_slash_or_encoded) {
  EXPECT_EQ(body("/orders?limit=1"), body("/orders/?limit=1"));
  EXPECT_EQ(body("/%6frders/?limit=1"), body("/orders/?limit=1"));
}

TEST_F(ApiTest, a_row_is_one_object) {
  EXPECT_EQ(body("/orders/100"), R"({"order_id":100,"website":"site 0"})");
  EXPECT_EQ(body("/sites/plain"), R"({"site":"plain","fee":null})");
  EXPECT_EQ(body("/sites/a%2Fb%20%C3%A4"), R"({"site":"a/b ä","fee":1.50})");
}

TEST_F(ApiTest, a_missing_row_is_404_and_a_key_of_another_type_400) {
  EXPECT_EQ(problem("/orders/99"), "404 no_such_row");
  EXPECT_EQ(problem("/sites/100%25"), "404 no_such_row");
  EXPECT_EQ(problem("/orders/abc"), "400 bad_key");
  EXPECT_EQ(problem("/orders/9223372036854775808"), "400 bad_key");
  EXPECT_EQ(problem("/orders/1%"), "400 bad_key");
  EXPECT_EQ(problem("/sites/%ff"), "400 bad_key");
  EXPECT_NE(body("/orders/abc").find(R"(order_id: found \"abc\", expected a whole number from)"), std::string::npos);
}

TEST_F(ApiTest, a_problem_has_all_members_of_rfc_9457_and_a_code) {
  EXPECT_EQ(body("/orders/99"), R"({"type":"about:blank","title":"Not Found","status":404,"code":"no_such_row",)"
                                R"("detail":"no row with order_id 99","instance":"/orders/99"})");
}

TEST_F(ApiTest, parameters_are_judged_on_every_path) {
  EXPECT_EQ(problem("/orders/?limt=5"), "400 unknown_parameter");
  EXPECT_EQ(problem("/orders/?limit=5&limit=5"), "400 duplicate_parameter");
  EXPECT_EQ(problem("/orders/?limit=10001"), "400 bad_parameter");
  EXPECT_EQ(problem("/orders/100?fields=x"), "400 unknown_parameter");
  EXPECT_EQ(problem("/?x=1"), "400 unknown_parameter");
  EXPECT_EQ(get("/healthz?probe=1").status, 200);
}

TEST_F(ApiTest, an_unknown_path_lists_the_known_ones) {
  for (const char* path : {"/order/", "/orders/1/2", "/orders/1/", "/ORDERS/", "/orders//", "//orders/", "/healthz/",
                           "/orders/../orders/"})
    EXPECT_EQ(problem(path), "404 unknown_path") << path;
  EXPECT_NE(body("/x").find("no endpoint at /x; known are /, /orders/, /orders/{order_id}, /sites/, /sites/{site}, "
                            "/healthz, /readyz"),
            std::string::npos);
  EXPECT_EQ(problem("/%zz/1"), "400 bad_encoding");
  EXPECT_EQ(problem("orders"), "400 bad_target");
  EXPECT_EQ(problem("/orders/#x"), "400 bad_target");
}

TEST_F(ApiTest, other_methods_are_405_and_say_which_are_allowed) {
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get"}) {
    const Response r = get("/orders/", {}, method);
    EXPECT_EQ(r.status, 405) << method;
    EXPECT_NE(r.headers.find("Allow: GET, HEAD\r\n"), std::string::npos);
  }
  EXPECT_EQ(get("/orders/", {}, "HEAD").body, body("/orders/"));
}

TEST_F(ApiTest, a_known_etag_is_304_without_content) {
  for (const char* target : {"/orders/?limit=1", "/orders/100"}) {
    const std::string etag = etag_in(get(target));
    for (const std::string& field : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
      const Response r = get(target, field);
      EXPECT_EQ(r.status, 304) << field;
      EXPECT_EQ(r.body, "");
      EXPECT_EQ(etag_in(r), etag);
      EXPECT_NE(r.headers.find("X-Millrace-Generation: 7\r\n"), std::string::npos);
    }
    EXPECT_EQ(get(target, "\"g6-0000000000000000\"").status, 200);
  }
  EXPECT_EQ(get("/orders/99", "*").status, 404);
}

TEST_F(ApiTest, before_the_first_publication_only_the_process_is_healthy) {
  EXPECT_EQ(api.answer({"GET", "/healthz"}, nullptr).body, R"({"status":"ok"})");
  EXPECT_EQ(api.answer({"GET", "/readyz"}, nullptr).status, 503);
  EXPECT_EQ(api.answer({"GET", "/orders/"}, nullptr).status, 503);
  EXPECT_EQ(api.answer({"GET", "/"}, nullptr).body, R"({"product":"Millrace","generation":null,"endpoints":[]})");
  EXPECT_EQ(get("/readyz").body, R"({"status":"ready","generation":7})");
}

TEST_F(ApiTest, the_index_shows_how_to_ask) {
  EXPECT_EQ(body("/").substr(0, 211),
            R"({"product":"Millrace","generation":7,"published_at":"2026-11-22T12:00:00.000000Z","endpoints":[)"
            R"({"path":"/orders/","key":"order_id","count":250,"columns":["order_id","website"],)"
            R"("examples":["curl 'http://localhost)");
  const Response r = api.answer({"GET", "/", "$(rm -rf ~)'"}, &published);
  EXPECT_NE(r.body.find("curl 'http://HOST/orders/"), std::string::npos);
}

TEST_F(ApiTest, an_error_of_the_engine_is_logged_and_leaks_nothing) {
  published.endpoints[0].table = R"("millrace_serve"."no_such_table")";

  const Response r = get("/orders/100");

  EXPECT_EQ(r.status, 500);
  EXPECT_EQ(r.body.find("no_such_table"), std::string::npos);
  const auto at = r.body.find("at trace ");
  ASSERT_NE(at, std::string::npos);
  const std::string trace = r.body.substr(at + 9, 16);
  EXPECT_NE(lines.all.find("\"event.action\":\"request_failed\",\"trace\":\"" + trace), std::string::npos);
  EXPECT_NE(lines.all.find("no_such_table"), std::string::npos);
}

TEST_F(ApiTest, a_damaged_generation_is_an_error_and_no_short_page) {
  published.endpoints[0].count = 251;

  EXPECT_EQ(problem("/orders/?limit=10000"), "500 internal");
}

TEST_F(ApiTest, a_page_of_too_many_bytes_asks_for_a_smaller_limit) {
  EXPECT_TRUE(session->commit({"wide",
                               {{"wide",
                                 "CREATE TABLE millrace_serve.g8_wide AS SELECT i AS _mr_row, i AS id, "
                                 "repeat('x', 9000000) AS t FROM range(3) r(i) ORDER BY 1"}}}));
  published = {8,
               {},
               {{{"/wide/", "gold.wide", "id"},
                 R"("millrace_serve"."g8_wide")",
                 {{"id", {TypeKind::int64}}, {"t", {TypeKind::text}}},
                 0,
                 3}}};

  EXPECT_EQ(problem("/wide/"), "400 page_too_large");
  EXPECT_EQ(get("/wide/?limit=1").status, 200);
  EXPECT_EQ(get("/wide/2").status, 200);
}

TEST_F(ApiTest, a_new_generation_is_read_at_the_next_request) {
  EXPECT_TRUE(session->commit({"next",
                               {{"orders",
                                 "CREATE TABLE millrace_serve.g8_orders AS SELECT 0::BIGINT AS _mr_row, 1::BIGINT AS "
                                 "order_id, 'new' AS website"}}}));
  EXPECT_EQ(get("/orders/1").status, 404);
  Published next = published;
  next.generation = 8;
  next.endpoints[0].table = R"("millrace_serve"."g8_orders")";
  next.endpoints[0].count = 1;

  const Response r = api.answer({"GET", "/orders/"}, &next);

  EXPECT_EQ(r.body, R"({"count":1,"data":[{"order_id":1,"website":"new"}]})");
  EXPECT_NE(r.headers.find("X-Millrace-Generation: 8\r\n"), std::string::npos);
  EXPECT_EQ(body("/orders/?limit=1"), R"({"count":250,"data":[{"order_id":100,"website":"site 0"}]})");
}

}  // namespace
}  // namespace millrace::serve
