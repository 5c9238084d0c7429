#include "lake/codec/open_stream.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/sha256.h"
#include "lake/codec/packed_for_tests.h"
#include "testing/text_object.h"

namespace millrace::lake {
namespace {

using testing::text_object;

struct Outcome {
  std::string text;  // all of it, or as much as came before the refusal
  std::optional<FileReject> reject;
  StreamFacts facts;
};

Outcome read_all(const std::string& stored, const DecodeOptions& options = {}, std::size_t step = 100'000) {
  Outcome out;
  auto stream = open_stream(text_object(stored), options);
  EXPECT_TRUE(stream);
  std::vector<char> buffer(step);
  while (true) {
    const auto n = (*stream)->read(buffer);
    out.reject = (*stream)->reject();
    EXPECT_EQ(n.has_value(), !out.reject.has_value());
    if (!n) return out;
    out.text.append(buffer.data(), *n);
    if (*n < buffer.size()) break;
  }
  out.facts = (*stream)->facts();
  return out;
}

/// Lines that pack to about a third, longer than any buffer in between.
std::string lines(std::size_t n) {
  Random random(3);
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += std::to_string(i) + "," + std::to_string(random.next()) + ",VVNL\n";
  return out;
}

const std::string kText = lines(40'000);

struct OpenStreamTest : ::testing::TestWithParam<const char*> {
  static std::string packed(std::string_view text) {
    return std::string(GetParam()) == "gzip" ? gzipped(text) : zstd_packed(text);
  }
};
INSTANTIATE_TEST_SUITE_P(Packings, OpenStreamTest, ::testing::Values("gzip", "zstd"),
                         [](const auto& packing) { return std::string(packing.param); });

TEST_P(OpenStreamTest, gives_the_text_and_the_facts_of_the_stored_bytes) {
  const std::string stored = packed(kText);
  for (const std::size_t step : {std::size_t{64}, std::size_t{100'000}, std::size_t{4 << 20}}) {
    const Outcome got = read_all(stored, {}, step);

    EXPECT_FALSE(got.reject);
    EXPECT_TRUE(got.text == kText) << step;
    EXPECT_EQ(got.facts.codec, GetParam());
    EXPECT_EQ(got.facts.stored_bytes, stored.size());
    EXPECT_EQ(got.facts.sha256, sha256_hex(stored));
  }
}

TEST_P(OpenStreamTest, several_streams_in_one_file_are_one_text) {
  const std::string stored = packed("a,b\n") + packed("") + packed(kText) + packed("1,2\n");

  EXPECT_TRUE(read_all(stored).text == "a,b\n" + kText + "1,2\n");
}

TEST_P(OpenStreamTest, nothing_packed_is_nothing) {
  const Outcome got = read_all(packed(""));

  EXPECT_FALSE(got.reject);
  EXPECT_EQ(got.text, "");
  EXPECT_EQ(got.facts.codec, GetParam());
}

TEST_P(OpenStreamTest, a_stream_that_is_cut_off_anywhere_is_refused) {
  const std::string stored = packed(lines(200));
  for (std::size_t size = kMagicBytes; size < stored.size(); ++size) {
    const Outcome got = read_all(stored.substr(0, size));
    ASSERT_TRUE(got.reject) << size;
    EXPECT_EQ(got.reject->code, RejectCode::broken_stream);
  }
  const Outcome got = read_all(stored.substr(0, 100));
  EXPECT_EQ(got.reject->reason,
            "the " + std::string(GetParam()) + " stream ends in the middle, after 100 stored bytes: it is cut off");
}

TEST_P(OpenStreamTest, one_flipped_bit_never_gives_another_text) {
  const std::string text = lines(60), stored = packed(text);
  std::size_t refused = 0;
  for (std::size_t bit = 8 * kMagicBytes; bit < 8 * stored.size(); ++bit) {
    std::string bad = stored;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    const Outcome got = read_all(bad);
    refused += got.reject ? 1 : 0;
    // A few bits of a gzip header say nothing about the text: time, system, a name.
    ASSERT_TRUE(got.reject || got.text == text) << "bit " << bit;
  }
  EXPECT_GT(refused, 8 * (stored.size() - 20));
}

TEST_P(OpenStreamTest, bytes_behind_the_end_are_refused) {
  const std::string stored = packed("a,b\n1,2\n");
  for (const char* tail : {"x", "trailing garbage", "\x1f", "\x1f\x8b", "\x28\xb5\x2f"}) {
    const Outcome got = read_all(stored + tail);
    ASSERT_TRUE(got.reject) << tail;
    EXPECT_EQ(got.reject->code, RejectCode::broken_stream) << tail;
  }
  EXPECT_TRUE(read_all(stored + std::string(512, '\0')).reject);
}

TEST_P(OpenStreamTest, a_bomb_is_refused_by_its_ratio_long_before_it_is_unpacked) {
  const Outcome got = read_all(packed(std::string(100 << 20, 'a')));

  ASSERT_TRUE(got.reject);
  EXPECT_EQ(got.reject->code, RejectCode::too_large_unpacked);
  EXPECT_LE(got.text.size(), kRatioFrom + (1 << 20));
}

TEST_P(OpenStreamTest, a_text_larger_than_the_source_allows_is_refused) {
  DecodeOptions options;
  options.limits.max_unpacked = 1000;
  EXPECT_FALSE(read_all(packed(kText.substr(0, 1000)), options).reject);

  const Outcome got = read_all(packed(kText.substr(0, 1001)), options, 50'000);

  ASSERT_TRUE(got.reject);
  EXPECT_EQ(got.reject->code, RejectCode::too_large_unpacked);
  EXPECT_EQ(got.reject->reason, "it unpacks to more than 1.0 KB");
}

TEST_P(OpenStreamTest, what_is_said_of_a_file_with_two_faults_does_not_hang_on_how_it_is_read) {
  DecodeOptions options;
  options.limits.max_unpacked = 200'000;
  const std::string stored = packed(kText.substr(0, 300'000));
  for (const std::size_t damaged : {stored.size() / 8, stored.size() / 2, stored.size() - 20}) {
    std::string broken = stored;
    for (std::size_t i = damaged; i < damaged + 8; ++i) broken[i] = static_cast<char>(~broken[i]);
    const auto code = read_all(broken, options, 64).reject->code;

    for (const std::size_t step : {std::size_t{4096}, std::size_t{1} << 16, std::size_t{1} << 20, std::size_t{4} << 20})
      EXPECT_EQ(read_all(broken, options, step).reject->code, code) << damaged << " " << step;
  }
}

TEST_P(OpenStreamTest, a_small_file_may_pack_better_than_any_bomb) {
  EXPECT_FALSE(read_all(packed(std::string(kRatioFrom, 'a'))).reject);
}

TEST_P(OpenStreamTest, packed_twice_is_refused_with_both_names) {
  const Outcome got = read_all(packed(gzipped("a,b\n")));

  ASSERT_TRUE(got.reject);
  EXPECT_EQ(got.reject->code, RejectCode::unsupported_compression);
  EXPECT_EQ(got.reject->reason, "found gzip inside " + std::string(GetParam()) + ", expected one packing");
}

TEST_P(OpenStreamTest, packed_text_is_decoded_as_declared) {
  DecodeOptions options;
  options.encoding = Encoding::latin1;

  const Outcome got = read_all(packed("caf\xe9\n"), options);

  EXPECT_EQ(got.text, "caf\xc3\xa9\n");
  EXPECT_EQ(got.facts.codec, std::string(GetParam()) + "+latin-1");
}

TEST(OpenPlainStreamTest, plain_bytes_are_the_text) {
  for (const std::string& text : {std::string(), std::string("a"), std::string("a,b\n1,2\n"), kText}) {
    const Outcome got = read_all(text, {}, 64);
    EXPECT_TRUE(got.text == text);
    EXPECT_EQ(got.facts.codec, "");
    EXPECT_EQ(got.facts.sha256, sha256_hex(text));
  }
}

TEST(OpenPlainStreamTest, a_broken_encoding_is_a_reject_of_the_stream) {
  DecodeOptions options;
  options.encoding = Encoding::cp1252;

  const Outcome got = read_all(kText + "\x81\n", options);

  ASSERT_TRUE(got.reject);
  EXPECT_EQ(got.reject->code, RejectCode::wrong_encoding);
}

TEST(OpenZstdStreamTest, a_frame_that_wants_too_much_memory_is_refused) {
  const Outcome got = read_all(zstd_packed(lines(100), 28));

  ASSERT_TRUE(got.reject);
  EXPECT_EQ(got.reject->code, RejectCode::too_large_unpacked);
  EXPECT_NE(got.reject->reason.find("window of more than 128 MiB"), std::string::npos) << got.reject->reason;
}

TEST(OpenZstdStreamTest, skippable_frames_are_skipped) {
  const std::string skippable("\x50\x2a\x4d\x18\x03\x00\x00\x00xyz", 11);

  EXPECT_EQ(read_all(skippable + zstd_packed("a,b\n") + skippable).text, "a,b\n");
}

}  // namespace
}  // namespace millrace::lake
