/// What every lake must do. A store that passes here can be used by ingest without a word of its own.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/failpoint.h"
#include "base/sha256.h"
#include "lake/store_harness_for_tests.h"
#include "testing/temp_folder.h"

namespace millrace::lake {
namespace {

struct StoreConformanceTest : ::testing::TestWithParam<HarnessKind> {
  void SetUp() override {
    if (!GetParam().make) GTEST_SKIP() << "needs " << GetParam().needs;
    harness = GetParam().make();
    store = &harness->store();
  }
  void TearDown() override { EXPECT_TRUE(failpoint::configure("")); }

  ObjectInfo drop(const std::string& key, std::string_view bytes) {
    const auto put = store->put(key, bytes);
    EXPECT_TRUE(put) << key << ": " << (put ? "" : put.error().message);
    auto info = store->head(key);
    EXPECT_TRUE(info && *info) << key;
    return info && *info ? **info : ObjectInfo{};
  }
  /// The bytes, read in pieces that fit nothing; "(…)" where there are none.
  std::string text(const ObjectInfo& info) {
    auto reader = store->open(info);
    if (!reader) return "(" + reader.error().message + ")";
    std::string out;
    for (std::string piece(777, '\0');;) {
      const auto n = (*reader)->read(piece);
      if (!n) return "(" + n.error().message + ")";
      out.append(piece, 0, *n);
      if (*n < piece.size()) return out;
    }
  }
  std::string text(const std::string& key) {
    const auto info = store->head(key);
    return info && *info ? text(**info) : "(none)";
  }
  static std::string some_bytes(std::size_t size) {
    std::string out(size, '\0');
    std::uint64_t x = size;
    for (char& c : out) c = static_cast<char>((x = x * 6364136223846793005ULL + 1442695040888963407ULL) >> 56);
    return out;
  }
  std::unique_ptr<StoreHarness> harness;
  ObjectStore* store = nullptr;
};

/// The kind of a refusal; nullopt: it was none.
template <class R>
std::optional<ErrorKind> refused(const R& result) {
  return result ? std::nullopt : std::optional(result.error().kind);
}

std::vector<std::string> key_shapes(std::size_t longest) {
  std::string long_key = "k";
  while (long_key.size() < longest) long_key += long_key.size() % 250 == 1 ? '/' : 'x';
  return {"k/a b",   "k/a+b",         "k/a%b%20c",  "k/a=b&c",     "k/a?b#c",          "k/a;b,c",
          "k/a:b@c", "k/a$b!c",       "k/a'b(c)*",  "k/äöü.csv",   "k/\U0001F600.csv", "k/a\tb",
          "k/a\nb",  "k/a//b",        "/k/leading", "k/trailing/", "k/a/../b",         "./k/x",
          "../k/x",  "k/~a\"b\\c<d>", long_key};
}

TEST_P(StoreConformanceTest, keeps_every_shape_of_key_byte_exact_or_says_that_it_cannot) {
  std::vector<std::string> stored;
  for (const std::string& key : key_shapes(harness->longest_key())) {
    const auto put = store->put(key, "bytes of " + key);
    if (!put) {
      EXPECT_TRUE(harness->is_folder()) << key << ": " << put.error().message;
      EXPECT_EQ(put.error().kind, ErrorKind::invalid_input) << key;
      continue;
    }
    stored.push_back(key);
    EXPECT_EQ(text(key), "bytes of " + key);
  }
  std::sort(stored.begin(), stored.end());

  const auto all = store->list("");

  ASSERT_TRUE(all) << all.error().message;
  std::vector<std::string> listed;
  for (const ObjectInfo& o : all->objects) {
    listed.push_back(o.key);
    const auto head = store->head(o.key);
    ASSERT_TRUE(head && *head) << o.key;
    EXPECT_EQ((*head)->version, o.version) << o.key;
    EXPECT_TRUE(store->remove(o)) << o.key;
  }
  EXPECT_EQ(listed, stored);
  EXPECT_TRUE(store->list("")->objects.empty());
  EXPECT_GE(stored.size(), harness->is_folder() ? 15U : 21U);
}

TEST_P(StoreConformanceTest, reads_in_order_and_at_any_place_and_never_past_the_end) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{777}, std::size_t{1000}, std::size_t{4001},
                                 harness->large_bytes()}) {
    const std::string bytes = some_bytes(size);
    const ObjectInfo info = drop("landing/a.csv", bytes);

    EXPECT_EQ(info.size_bytes, size);
    EXPECT_TRUE(text(info) == bytes) << size;
    auto reader = *store->open(info);
    EXPECT_EQ(*reader->read_range(0, size), bytes);
    EXPECT_EQ(*reader->read_range(size / 3, size / 2), bytes.substr(size / 3, size / 2));
    EXPECT_EQ(refused(reader->read_range(size, 1)), ErrorKind::conflict) << size;
  }
}

TEST_P(StoreConformanceTest, lists_by_key_what_lies_below_the_folder_and_says_what_it_leaves_out) {
  for (const char* key : {"landing/orders/b.csv", "landing/orders/2026/a.csv", "landing/orders.csv", "landing2/x.csv",
                          "landing/orders/.hidden", "landing/orders/c.csv.tmp", "landing/orders/_SUCCESS",
                          "landing/orders/.work/deep/x.csv", "landing/orders/.work/deep/y.csv"})
    drop(key, "x");

  const auto got = store->list("landing/orders/");
  const auto same = store->list("landing/orders");
  const auto none = store->list("nowhere/");

  ASSERT_TRUE(got && same && none);
  ASSERT_EQ(got->objects.size(), 2U);
  EXPECT_EQ(got->objects[0].key, "landing/orders/2026/a.csv");
  EXPECT_EQ(got->objects[1].key, "landing/orders/b.csv");
  std::vector<std::string> ignored;
  for (const Ignored& i : got->ignored) ignored.push_back(i.key + ": " + i.reason);
  std::sort(ignored.begin(), ignored.end());
  EXPECT_EQ(ignored, (std::vector<std::string>{"landing/orders/.hidden: hidden", "landing/orders/.work: hidden",
                                               "landing/orders/_SUCCESS: marker file",
                                               "landing/orders/c.csv.tmp: temporary name"}));
  EXPECT_EQ(same->objects.size(), 2U);
  EXPECT_TRUE(none->objects.empty());
}

TEST_P(StoreConformanceTest, a_sweep_goes_on_behind_the_last_key_it_saw) {
  for (int i = 0; i < 10; ++i) drop("landing/" + std::to_string(i) + ".csv", "x");

  const auto rest = store->list_after("landing/", "landing/6.csv");

  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->objects.size(), 3U);
  EXPECT_EQ(rest->objects[0].key, "landing/7.csv");
  EXPECT_EQ(store->list("landing/")->objects.size(), 10U);
}

TEST_P(StoreConformanceTest, what_is_not_there_is_said_so) {
  const ObjectInfo gone = drop("landing/a.csv", "x");
  ASSERT_TRUE(store->remove(gone));

  EXPECT_FALSE(*store->head("landing/a.csv"));
  EXPECT_EQ(refused(store->open(gone)), ErrorKind::not_found);
  EXPECT_TRUE(store->remove(gone)) << "what is gone already is no error";
  EXPECT_EQ(refused(store->move(gone, "processed/a.csv")), ErrorKind::not_found);
  EXPECT_NE(store->url_of("landing/a.csv").find("landing/a.csv"), std::string::npos);
}

TEST_P(StoreConformanceTest, an_object_replaced_after_it_was_listed_is_neither_read_nor_moved_nor_removed) {
  const ObjectInfo listed = drop("landing/a.csv", "one");
  drop("landing/a.csv", "two");

  EXPECT_EQ(refused(store->open(listed)), ErrorKind::conflict);
  EXPECT_EQ(refused(store->move(listed, "processed/a.csv")), ErrorKind::conflict);
  EXPECT_EQ(refused(store->remove(listed)), ErrorKind::conflict);

  EXPECT_EQ(text("landing/a.csv"), "two");
  EXPECT_EQ(text("processed/a.csv"), "(none)");
}

TEST_P(StoreConformanceTest, a_moved_object_says_where_it_came_from) {
  const std::string bytes = some_bytes(12'345);
  const Provenance provenance{"orders", "landing/ä b.csv", 17, sha256_hex(bytes)};

  const auto moved = store->move(drop("landing/ä b.csv", bytes), "processed/dt=2026-11-22/orders/a.csv", provenance);

  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_TRUE(text("processed/dt=2026-11-22/orders/a.csv") == bytes);
  EXPECT_EQ(text("landing/ä b.csv"), "(none)");
  if (harness->metadata("processed/dt=2026-11-22/orders/a.csv", "mr-source")) {
    const auto said = [&](const char* name) {
      return *harness->metadata("processed/dt=2026-11-22/orders/a.csv", name);
    };
    EXPECT_EQ(said("mr-source"), "orders");
    EXPECT_EQ(said("mr-landed-as"), "landing%2F%C3%A4%20b.csv");
    EXPECT_EQ(said("mr-file-id"), "17");
    EXPECT_EQ(said("mr-sha256"), provenance.sha256);
    const auto known = store->provenance_of(**store->head("processed/dt=2026-11-22/orders/a.csv"));
    ASSERT_TRUE(known && *known);
    EXPECT_EQ((*known)->landed_as, "landing/ä b.csv");
    EXPECT_EQ((*known)->file_id, 17);
  }
}

TEST_P(StoreConformanceTest, a_move_cut_at_any_point_is_finished_by_repeating_it) {
  int number = 0;
  for (const std::string& point : harness->move_points()) {
    const std::string to = "processed/dt=2026-11-22/orders" + std::to_string(++number) + "/a.csv";
    const ObjectInfo info = drop("landing/orders/a.csv", point);
    ASSERT_TRUE(failpoint::configure(point + "=error@1"));

    const auto cut = store->move(info, to, {"orders", info.key, 1, sha256_hex(point)});

    ASSERT_TRUE(failpoint::configure(""));
    EXPECT_FALSE(cut) << point;
    EXPECT_TRUE(text("landing/orders/a.csv") == point || text(to) == point) << "bytes are lost at " << point;
    const auto again = store->move(info, to, {"orders", info.key, 1, sha256_hex(point)});
    EXPECT_TRUE(again) << point << ": " << again.error().message;
    EXPECT_EQ(text(to), point);
    EXPECT_EQ(text("landing/orders/a.csv"), "(none)") << point;
  }
}

TEST_P(StoreConformanceTest, a_move_never_replaces_other_bytes_and_keeps_equal_ones) {
  ASSERT_TRUE(store->move(drop("landing/a.csv", "one"), "processed/a.csv"));

  EXPECT_EQ(refused(store->move(drop("landing/a.csv", "two"), "processed/a.csv")), ErrorKind::invalid_input);
  EXPECT_EQ(text("landing/a.csv"), "two");
  EXPECT_EQ(text("processed/a.csv"), "one");
  EXPECT_TRUE(store->move(drop("landing/a.csv", "one"), "processed/a.csv"));
  EXPECT_EQ(text("landing/a.csv"), "(none)");
}

TEST_P(StoreConformanceTest, a_file_of_any_size_is_put_whole_and_replaces_what_was_there) {
  const testing::TempFolder folder;
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, harness->large_bytes()}) {
    const std::string bytes = some_bytes(size);
    const auto file = folder.write("out.csv", bytes);

    const auto put = store->put_file("processed/out.csv", file, {"orders", "landing/out.csv", 3, sha256_hex(bytes)});

    ASSERT_TRUE(put) << put.error().message;
    EXPECT_TRUE(text("processed/out.csv") == bytes) << size;
    const auto sha = harness->metadata("processed/out.csv", "mr-sha256");
    EXPECT_EQ(sha.value_or(sha256_hex(bytes)), sha256_hex(bytes));
  }
  EXPECT_EQ(refused(store->put_file("processed/x.csv", folder.path() / "none.csv", {})), ErrorKind::not_found);
}

TEST_P(StoreConformanceTest, a_large_object_moves_as_a_small_one_does) {
  const testing::TempFolder folder;
  const std::string bytes = some_bytes(harness->large_bytes());
  ASSERT_TRUE(store->put_file("landing/large.csv", folder.write("large.csv", bytes), {}));

  const auto moved = store->move(**store->head("landing/large.csv"), "processed/large.csv",
                                 {"orders", "landing/large.csv", 4, sha256_hex(bytes)});

  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_TRUE(text("processed/large.csv") == bytes);
  EXPECT_EQ(text("landing/large.csv"), "(none)");
}

TEST_P(StoreConformanceTest, an_archived_object_is_read_once_it_is_restored) {
  const ObjectInfo info = drop("processed/a.csv", "cold");
  EXPECT_FALSE(*store->restore(info)) << "it is at hand";
  if (!harness->freeze("processed/a.csv")) return;  // nothing in this store refuses to be read

  EXPECT_EQ((*store->head("processed/a.csv"))->cold_class, "GLACIER");
  EXPECT_EQ(store->list("processed/")->objects.at(0).cold_class, "GLACIER");
  EXPECT_EQ(store->list("processed/")->objects.at(0).storage_class, "GLACIER");
  const auto cold = store->open(info);
  ASSERT_FALSE(cold);
  EXPECT_EQ(cold.error().kind, ErrorKind::permission_denied);
  EXPECT_NE(cold.error().hint.find("millrace lake restore"), std::string::npos);
  EXPECT_TRUE(*store->restore(info));
  EXPECT_TRUE(*store->restore(info)) << "asked again, it is still on its way";
  EXPECT_TRUE((*store->head("processed/a.csv"))->restoring);

  harness->thaw();

  EXPECT_FALSE(*store->restore(info));
  EXPECT_EQ((*store->head("processed/a.csv"))->cold_class, "");
  EXPECT_EQ(text(info), "cold");
}

INSTANTIATE_TEST_SUITE_P(Every, StoreConformanceTest, ::testing::ValuesIn(harness_kinds()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace millrace::lake
