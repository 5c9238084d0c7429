#include "lake/tiers/local_tiers.h"

#include <gtest/gtest.h>

#include "base/failpoint.h"
#include "base/sha256.h"
#include "lake/local/local_store.h"
#include "testing/fake_clock.h"
#include "testing/temp_folder.h"

namespace millrace::lake {
namespace {

constexpr const char* kKey = "processed/dt=2026-11-22/orders/a~000017.csv";

class LocalTiersTest : public ::testing::Test {
 protected:
  LocalTiersTest() {
    folder.write(std::string("lake/") + kKey, kText);
    store = with_local_tiers(*open_local_store(folder.path() / "lake"), folder.path() / "spool", clock);
  }
  ~LocalTiersTest() override { EXPECT_TRUE(failpoint::configure("")); }

  ObjectInfo object(std::string_view key = kKey) {
    const auto info = store->head(key);
    EXPECT_TRUE(info && *info) << key;
    return info && *info ? **info : ObjectInfo{};
  }
  std::string text() {
    const auto digest = digest_of(*store, object());
    return digest ? *digest : digest.error().message;
  }
  bool is_there(const std::string& name) { return std::filesystem::exists(folder.path() / "lake" / name); }

  const std::string kText = "id,status\n1,PAID\n";
  testing::TempFolder folder;
  testing::FakeClock clock;
  std::unique_ptr<LocalTiers> store;
};

TEST_F(LocalTiersTest, a_cold_object_keeps_its_key_and_its_size_and_is_read_as_before) {
  ASSERT_TRUE(store->bring_down(object(), Tier::cold));

  EXPECT_FALSE(is_there(kKey));
  EXPECT_TRUE(is_there(std::string("cold/") + kKey + ".zst"));
  EXPECT_EQ(object().key, kKey);
  EXPECT_EQ(object().size_bytes, kText.size());
  EXPECT_EQ(object().storage_class, "cold");
  EXPECT_EQ(object().cold_class, "");
  EXPECT_EQ(text(), sha256_hex(kText));
  EXPECT_EQ(*(*store->open(object()))->read_range(10, 6), "1,PAID");
}

TEST_F(LocalTiersTest, listings_show_tiered_objects_once_under_their_own_keys) {
  folder.write("lake/processed/dt=2026-11-22/orders/b~000018.csv", "x");
  ASSERT_TRUE(store->bring_down(object(), Tier::cold));

  for (const char* below : {"", "processed/", "processed/dt=2026-11-22/orders/"}) {
    const auto listing = *store->list(below);
    ASSERT_EQ(listing.objects.size(), 2U) << below;
    EXPECT_EQ(listing.objects[0].key, kKey);
    EXPECT_EQ(listing.objects[0].size_bytes, kText.size());
  }
  EXPECT_TRUE(store->list("landing/")->objects.empty());
}

TEST_F(LocalTiersTest, an_archived_object_must_be_restored_before_it_is_read) {
  ASSERT_TRUE(store->bring_down(object(), Tier::archive));

  const auto refused = store->open(object());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::permission_denied);
  EXPECT_EQ(refused.error().hint, std::string("millrace lake restore ") + kKey);
  EXPECT_EQ(object().cold_class, "archive");
  EXPECT_FALSE(store->move(object(), "unloaded/x"));

  EXPECT_EQ(*store->restore(object()), false) << "the bytes are at hand";
  EXPECT_EQ(object().storage_class, "restored");
  EXPECT_EQ(text(), sha256_hex(kText));
  EXPECT_EQ(*store->restore(object()), false);
}

TEST_F(LocalTiersTest, a_restored_object_goes_back_when_its_days_are_over) {
  ASSERT_TRUE(store->bring_down(object(), Tier::archive));
  ASSERT_TRUE(store->restore(object()));

  clock.advance(kRestoredFor);
  ASSERT_TRUE(store->bring_down(object(), Tier::archive));
  EXPECT_EQ(object().storage_class, "restored");
  clock.advance(Days{1});
  ASSERT_TRUE(store->bring_down(object(), Tier::archive));

  EXPECT_EQ(object().storage_class, "archive");
  EXPECT_FALSE(is_there(std::string("restored/") + kKey + ".until"));
}

TEST_F(LocalTiersTest, from_cold_to_archive_the_bytes_stay_as_they_are_packed) {
  ASSERT_TRUE(store->bring_down(object(), Tier::cold));
  const std::string packed = folder.read(std::string("lake/cold/") + kKey + ".zst");

  ASSERT_TRUE(store->bring_down(object(), Tier::archive));

  EXPECT_EQ(folder.read(std::string("lake/frozen/") + kKey + ".zst"), packed);
  EXPECT_FALSE(is_there(std::string("cold/") + kKey + ".zst"));
  ASSERT_TRUE(store->bring_down(object(), Tier::cold)) << "files only go down";
  EXPECT_EQ(object().storage_class, "archive");
}

TEST_F(LocalTiersTest, a_cold_object_is_moved_out_as_it_was) {
  ASSERT_TRUE(store->bring_down(object(), Tier::cold));

  ASSERT_TRUE(store->move(object(), "unloaded/dt=2026-11-22/orders/a~000017.csv"));

  EXPECT_EQ(folder.read("lake/unloaded/dt=2026-11-22/orders/a~000017.csv"), kText);
  EXPECT_FALSE(store->head(kKey)->has_value());
}

TEST_F(LocalTiersTest, a_failure_at_any_point_leaves_the_object_whole_and_is_finished_later) {
  for (const char* point : {"lake.tier.before", "lake.pack.write", "lake.put_file.before", "lake.copy.before_rename",
                            "lake.tier.before_remove", "lake.remove.before", "lake.move.unlink.before_sync"}) {
    const std::string key = std::string("processed/dt=2026-11-22/orders/") + point;
    folder.write("lake/" + key, kText);
    ASSERT_TRUE(failpoint::configure(std::string(point) + "=error"));
    EXPECT_FALSE(store->bring_down(object(key), Tier::cold)) << point;
    ASSERT_TRUE(failpoint::configure(""));
    EXPECT_EQ(*digest_of(*store, object(key)), sha256_hex(kText)) << point;
    const auto now = object(key);
    ASSERT_TRUE(store->bring_down(now, Tier::cold)) << point;
    EXPECT_EQ(object(key).storage_class, "cold") << point;
    EXPECT_EQ(*digest_of(*store, object(key)), sha256_hex(kText)) << point;
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "spool"));
}

TEST_F(LocalTiersTest, an_object_that_has_changed_is_not_brought_down) {
  const ObjectInfo before = object();
  folder.write(std::string("lake/") + kKey, "other bytes\n");

  EXPECT_EQ(store->bring_down(before, Tier::cold).error().kind, ErrorKind::conflict);
  EXPECT_EQ(folder.read(std::string("lake/") + kKey), "other bytes\n");
}

TEST_F(LocalTiersTest, a_damaged_cold_object_is_told) {
  ASSERT_TRUE(store->bring_down(object(), Tier::cold));
  const std::string name = std::string("lake/cold/") + kKey + ".zst";
  std::string bytes = folder.read(name);
  bytes[14] = static_cast<char>(bytes[14] ^ 0x40);
  folder.write(name, bytes);

  EXPECT_EQ(digest_of(*store, object()).error().kind, ErrorKind::contract_violation);
}

}  // namespace
}  // namespace millrace::lake
