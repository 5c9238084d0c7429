#include "lake/codec/seekable.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/files.h"
#include "base/random.h"
#include "base/sha256.h"
#include "lake/codec/open_stream.h"
#include "lake/codec/seekable_table.h"
#include "lake/landed.h"
#include "lake/local/local_store.h"
#include "testing/temp_folder.h"
#include "testing/text_object.h"

namespace millrace::lake {
namespace {

const Provenance kOrigin{"orders", "landing/orders/a\nb.csv", 17, ""};

class SeekableTest : public ::testing::Test {
 protected:
  SeekableTest() : store(*open_local_store(folder.path())) {}

  static std::string text_of(std::size_t bytes) {
    Random random(7);
    std::string text;
    while (text.size() < bytes) text += std::to_string(random.next()) + ",VVNL\n";
    text.resize(bytes);
    return text;
  }
  /// The key of `text`, packed.
  std::string pack(const std::string& text) {
    const std::string key = "processed/a~000017z.csv.zst";
    std::filesystem::create_directories(folder.path() / "processed");
    testing::TextObject object(text);
    const auto packed = pack_file(object, folder.path() / key, kOrigin);
    EXPECT_TRUE(packed) << packed.error().message;
    EXPECT_EQ(packed->packed_bytes, std::filesystem::file_size(folder.path() / key));
    return key;
  }
  Result<std::unique_ptr<UnpackedObject>> open(const std::string& key) {
    auto info = *store->head(key);
    return open_packed(*store->open(*info), info->size_bytes);
  }

  testing::TempFolder folder;
  std::unique_ptr<ObjectStore> store;
};

TEST_F(SeekableTest, any_range_is_read_by_itself) {
  const std::string text = text_of(2 * kFrameText + 12345);
  const auto file = open(pack(text));
  ASSERT_TRUE(file && *file);
  EXPECT_EQ((*file)->about().text_bytes, text.size());
  EXPECT_EQ((*file)->about().provenance.sha256, sha256_hex(text));
  for (const auto& [offset, length] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 1}, {kFrameText - 3, 6}, {2 * kFrameText, 12345}, {5, 2 * kFrameText}, {text.size(), 0}, {17, 0}}) {
    const auto got = (*file)->read_range(offset, length);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_TRUE(*got == text.substr(offset, length)) << offset;
  }
  EXPECT_EQ((*file)->read_range(text.size() - 1, 2).error().kind, ErrorKind::conflict);
  EXPECT_EQ((*file)->read_range(~std::uint64_t{0}, 2).error().kind, ErrorKind::conflict);
}

TEST_F(SeekableTest, it_reads_from_begin_to_end_and_hashes_to_what_landed) {
  for (const std::size_t bytes :
       {std::size_t{0}, std::size_t{1}, kFrameText - 1, kFrameText, kFrameText + 1, 3 * kFrameText}) {
    const std::string text = text_of(bytes);
    const auto file = open(pack(text));
    ASSERT_TRUE(file && *file) << bytes;
    EXPECT_EQ(*digest_of(**file), sha256_hex(text)) << bytes;
  }
}

TEST_F(SeekableTest, it_says_where_it_came_from_byte_for_byte) {
  const auto file = open(pack("a,b\n1,2\n"));
  ASSERT_TRUE(file && *file);
  EXPECT_EQ((*file)->about().provenance.landed_as, kOrigin.landed_as);
  EXPECT_EQ((*file)->about().provenance.source, "orders");
  EXPECT_EQ((*file)->about().provenance.file_id, 17);
}

TEST_F(SeekableTest, any_zstd_program_unpacks_it) {
  const std::string text = text_of(kFrameText + 99);
  const auto info = *store->head(pack(text));
  auto stream = open_stream(*store->open(*info), {});
  ASSERT_TRUE(stream);
  std::string got(text.size() + 10, '\0');
  EXPECT_EQ(*(*stream)->read(got), text.size());
  got.resize(text.size());
  EXPECT_TRUE(got == text);
}

TEST_F(SeekableTest, every_damaged_byte_is_an_error_and_never_other_text) {
  const std::string text = "order_id,website\n1,VVNL\n2,VVBE\n";
  const std::string key = pack(text);
  const std::string whole = *read_file(folder.path() / key);
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const char flip : {'\x01', '\x80'}) {
      std::string broken = whole;
      broken[at] = static_cast<char>(broken[at] ^ flip);
      ASSERT_TRUE(write_file_atomically(folder.path() / key, broken));
      const auto file = open(key);
      if (!file || !*file) continue;
      const auto got = (*file)->read_range(0, (*file)->about().text_bytes);
      EXPECT_TRUE(!got || *got == text) << "byte " << at;
    }
}

TEST_F(SeekableTest, a_file_that_is_cut_off_is_no_packed_file) {
  const std::string key = pack(text_of(1000));
  const std::string whole = *read_file(folder.path() / key);
  for (std::size_t n = 0; n < whole.size(); n += 7) {
    ASSERT_TRUE(write_file_atomically(folder.path() / key, whole.substr(0, n)));
    const auto file = open(key);
    EXPECT_TRUE(!file || !*file) << n;
    EXPECT_EQ(landed_digest_of(*store, **store->head(key)).error().kind, ErrorKind::contract_violation);
  }
}

TEST_F(SeekableTest, a_table_that_promises_too_much_costs_no_memory) {
  std::string end = seekable_end(std::vector<FrameSize>(3, {10, 0xffffffff}), {kOrigin});
  EXPECT_FALSE(read_table(end));
  const std::string footer("\xff\xff\xff\xff\0\xb1\xea\x92\x8f", 9);
  EXPECT_FALSE(table_bytes(footer));
}

TEST(PackedKey, is_one_that_no_landed_file_can_have) {
  EXPECT_TRUE(is_packed_key("processed/dt=2026-11-22/orders/a~000017z.csv.zst"));
  EXPECT_TRUE(is_packed_key("unloaded/dt=2026-11-22/orders/a~000017z.zst"));
  for (const char* key :
       {"landing/orders/a~000017z.csv.zst", "processed/dt=2026-11-22/orders/a~000017z~000018.csv.zst",
        "processed/dt=2026-11-22/orders/a~000017.csv.zst", "processed/dt=2026-11-22/orders/a~000017z.csv",
        "processed/dt=2026-11-22/orders/z.csv.zst", "processed/dt=2026-11-22/orders/a~z.csv.zst"})
    EXPECT_FALSE(is_packed_key(key)) << key;
}

}  // namespace
}  // namespace millrace::lake
