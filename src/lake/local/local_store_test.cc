#include "lake/local/local_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/files.h"

namespace millrace::lake {
namespace {

namespace fs = std::filesystem;

struct LocalStoreTest : ::testing::Test {
  LocalStoreTest() {
    std::string name = (fs::temp_directory_path() / "millrace-lake-XXXXXX").string();
    root = ::mkdtemp(name.data());
    fs::create_directories(root / "landing/orders");
    store = *open_local_store(root);
  }
  ~LocalStoreTest() override {
    EXPECT_TRUE(failpoint::configure(""));
    fs::remove_all(root);
  }
  ObjectInfo drop(const std::string& key, std::string_view bytes) {
    EXPECT_TRUE(write_file_atomically(root / key, bytes));
    return **store->head(key);
  }
  std::string text(const std::string& key) {
    const auto got = read_file(root / key);
    return got ? *got : "(none)";
  }
  fs::path root;
  std::unique_ptr<ObjectStore> store;
};

TEST_F(LocalStoreTest, lists_regular_files_and_says_what_it_leaves_out_and_why) {
  drop("landing/orders/b.csv", "b");
  fs::create_directories(root / "landing/orders/2026");
  drop("landing/orders/2026/a.csv", "a");
  drop("landing/orders/.hidden", "");
  drop("landing/orders/c.csv.tmp", "");
  drop("landing/orders/_SUCCESS", "");
  fs::create_symlink("/etc/passwd", root / "landing/orders/link.csv");
  ::mkfifo((root / "landing/orders/pipe.csv").c_str(), 0644);

  const auto got = store->list("landing/orders/");

  ASSERT_TRUE(got);
  ASSERT_EQ(got->objects.size(), 2U);
  EXPECT_EQ(got->objects[0].key, "landing/orders/2026/a.csv");
  EXPECT_EQ(got->objects[1].key, "landing/orders/b.csv");
  EXPECT_EQ(got->ignored.size(), 5U);
}

TEST_F(LocalStoreTest, nothing_outside_the_root_can_be_opened) {
  fs::create_symlink("/etc", root / "landing/etc");

  for (const char* key : {"../../etc/passwd", "/etc/passwd", "landing/etc/passwd", "landing/../../x"})
    EXPECT_FALSE(store->open({key, 0, {}, ""})) << key;
}

TEST_F(LocalStoreTest, a_file_written_after_the_listing_is_not_opened) {
  const ObjectInfo listed = drop("landing/orders/a.csv", "one");
  drop("landing/orders/a.csv", "two");

  const auto got = store->open(listed);

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::conflict);
}

TEST_F(LocalStoreTest, sees_a_writer_that_still_has_the_file_open) {
  const ObjectInfo info = drop("landing/orders/a.csv", "half");

  {
    const Fd writer(::open((root / info.key).c_str(), O_WRONLY));
    EXPECT_EQ(store->being_written(info), true);
  }
  EXPECT_EQ(store->being_written(info), false);
}

TEST_F(LocalStoreTest, a_move_cut_at_any_point_is_finished_by_repeating_it) {
  const std::string to = "processed/dt=2026-11-22/orders/a.csv";
  for (const char* point : {"lake.mkdir.before", "lake.move.before_link", "files.sync_folder.before",
                            "lake.move.before_unlink", "lake.move.unlink.before_sync"}) {
    const ObjectInfo info = drop("landing/orders/a.csv", point);
    fs::remove_all(root / "processed");
    ASSERT_TRUE(failpoint::configure(std::string(point) + "=error@1"));

    EXPECT_FALSE(store->move(info, to)) << point;
    EXPECT_TRUE(text("landing/orders/a.csv") == point || text(to) == point) << "bytes are lost at " << point;
    EXPECT_TRUE(store->move(info, to)) << point;

    EXPECT_EQ(text(to), point);
    EXPECT_EQ(text("landing/orders/a.csv"), "(none)") << point;
  }
}

TEST_F(LocalStoreTest, a_move_never_replaces_other_bytes_and_never_takes_a_changed_file) {
  const ObjectInfo first = drop("landing/orders/a.csv", "one");
  ASSERT_TRUE(store->move(first, "processed/a.csv"));
  const ObjectInfo second = drop("landing/orders/a.csv", "two");

  EXPECT_EQ(store->move(second, "processed/a.csv").error().kind, ErrorKind::invalid_input);
  drop("landing/orders/a.csv", "three");
  EXPECT_EQ(store->move(second, "processed/b.csv").error().kind, ErrorKind::conflict);

  EXPECT_EQ(text("processed/a.csv"), "one");
  EXPECT_EQ(text("landing/orders/a.csv"), "three");
}

TEST_F(LocalStoreTest, equal_bytes_at_the_target_are_kept_and_the_source_removed) {
  ASSERT_TRUE(store->move(drop("landing/orders/a.csv", "same"), "processed/a.csv"));

  EXPECT_TRUE(store->move(drop("landing/orders/a.csv", "same"), "processed/a.csv"));

  EXPECT_EQ(text("landing/orders/a.csv"), "(none)");
}

TEST_F(LocalStoreTest, the_watch_wakes_for_a_new_file_and_for_a_call) {
  const auto hint = watch_local_folders({root / "landing"});
  drop("landing/orders/a.csv", "x");
  const auto start = std::chrono::steady_clock::now();
  hint->wait(std::chrono::seconds(30));
  hint->wake();
  hint->wait(std::chrono::seconds(30));

  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(25));
}

TEST_F(LocalStoreTest, keys_never_leave_the_root_and_are_refused_with_the_reason) {
  const fs::path outside = root.parent_path() / (root.filename().string() + "-outside");
  const std::string up = "../" + outside.filename().string();
  for (const std::string& key : {up, "landing/../" + up, std::string("/etc/millrace"), std::string("a//b"),
                                 std::string("a/./b"), std::string("a/"), std::string(), std::string("a\0b", 3),
                                 std::string(1025, 'k'), "a/" + std::string(256, 'k')}) {
    const Status put = store->put(key, "x");
    ASSERT_FALSE(put) << key;
    EXPECT_EQ(put.error().kind, ErrorKind::invalid_input) << key;
    EXPECT_NE(put.error().message.find("a folder cannot hold this key"), std::string::npos) << put.error().message;
    EXPECT_EQ(store->head(key).error().kind, ErrorKind::invalid_input) << key;
    EXPECT_FALSE(store->put_file(key, root / "landing", {})) << key;
    EXPECT_FALSE(store->move(drop("landing/orders/m.csv", "m"), key)) << key;
    EXPECT_EQ(text("landing/orders/m.csv"), "m");
  }
  EXPECT_FALSE(fs::exists(outside));
}

TEST_F(LocalStoreTest, keys_are_held_byte_for_byte) {
  const std::string key_of_1024 = [] {
    std::string key;
    while (key.size() < 4 * 251) key += std::string(250, 'k') + "/";
    return key + std::string(1024 - key.size(), 'e');
  }();
  ASSERT_EQ(key_of_1024.size(), 1024U);
  for (const std::string& key :
       {std::string("landing/a\nb\tc.csv"), std::string("landing/ %2e%2e &?#\\\x1b[31m.csv"),
        std::string("landing/\xc3\xa4\xf0\x9f\x9a\x82.csv"), std::string("landing/..a.. "), key_of_1024}) {
    ASSERT_TRUE(store->put(key, key)) << key;
    const auto object = store->head(key);
    ASSERT_TRUE(object && *object) << key;
    EXPECT_EQ((*object)->key, key);
    EXPECT_EQ(*(*store->open(**object))->read_range(0, key.size()), key);
  }
  const auto listing = *store->list("landing/");
  EXPECT_EQ(listing.objects.front().key, "landing/ %2e%2e &?#\\\x1b[31m.csv");
}

TEST_F(LocalStoreTest, nothing_is_written_behind_a_link) {
  const fs::path outside = root.parent_path() / (root.filename().string() + "-outside");
  fs::create_directories(outside);
  fs::create_directory_symlink(outside, root / "landing/link");

  EXPECT_FALSE(store->put("landing/link/a.csv", "x"));
  EXPECT_FALSE(store->put("landing/link/deeper/a.csv", "x"));
  EXPECT_TRUE(fs::is_empty(outside));
  fs::remove_all(outside);
}

TEST_F(LocalStoreTest, a_name_as_long_as_names_can_be_is_put_whole) {
  const std::string key = "processed/" + std::string(255, 'n');
  drop("landing/orders/a.csv", "bytes");

  ASSERT_TRUE(store->put_file(key, root / "landing/orders/a.csv", {}));

  EXPECT_EQ(text(key), "bytes");
}

}  // namespace
}  // namespace millrace::lake
