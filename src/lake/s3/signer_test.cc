#include "lake/s3/signer.h"

#include <gtest/gtest.h>

#include "base/sha256.h"

namespace millrace::lake::s3 {
namespace {

using namespace std::chrono_literals;

// docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, sigv4-query-string-auth.html and
// sigv4-streaming.html: the examples that AWS publishes, with their keys.
const Credentials kExample{"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), {}, {}, ""};
const WallTime kThen = std::chrono::sys_days{std::chrono::year{2013} / 5 / 24};
constexpr std::string_view kScopeText = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";

Target example(std::string path, Query query = {}) {
  return {"https", "examplebucket.s3.amazonaws.com", std::move(path), std::move(query)};
}

std::string authorization(std::string_view signed_headers, std::string_view signature) {
  return "AWS4-HMAC-SHA256 Credential=" + std::string(kScopeText) + ",SignedHeaders=" + std::string(signed_headers) +
         ",Signature=" + std::string(signature);
}

TEST(SignerTest, reproduces_the_published_get_of_a_range) {
  net::Headers headers{{"Range", "bytes=0-9"}};

  sign({}, kExample, kThen, "GET", example("/test.txt"), headers, kEmptyPayload);

  EXPECT_EQ(*net::find_header(headers, "Authorization"),
            authorization("host;range;x-amz-content-sha256;x-amz-date",
                          "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
  EXPECT_EQ(*net::find_header(headers, "x-amz-date"), "20130524T000000Z");
}

TEST(SignerTest, reproduces_the_published_put_of_an_object) {
  net::Headers headers{{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};

  sign({}, kExample, kThen, "PUT", example("/test$file.text"), headers, sha256_hex("Welcome to Amazon S3."));

  EXPECT_EQ(*net::find_header(headers, "Authorization"),
            authorization("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                          "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(SignerTest, reproduces_the_published_get_of_a_lifecycle) {
  net::Headers headers;

  sign({}, kExample, kThen, "GET", example("/", {{"lifecycle", ""}}), headers, kEmptyPayload);

  EXPECT_EQ(*net::find_header(headers, "Authorization"),
            authorization("host;x-amz-content-sha256;x-amz-date",
                          "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
}

TEST(SignerTest, reproduces_the_published_list_whatever_the_order_of_its_query) {
  for (const Query& query : {Query{{"max-keys", "2"}, {"prefix", "J"}}, Query{{"prefix", "J"}, {"max-keys", "2"}}}) {
    net::Headers headers;
    EXPECT_EQ(sign({}, kExample, kThen, "GET", example("/", query), headers, kEmptyPayload),
              "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  }
}

TEST(SignerTest, reproduces_the_published_presigned_url) {
  const Secret url = presigned_url({}, kExample, kThen, "GET", example("/test.txt"), {}, 24h);

  EXPECT_EQ(url.reveal_to_the_wire(),
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(SignerTest, reproduces_the_published_upload_in_chunks) {
  const Target target{"https", "s3.amazonaws.com", "/examplebucket/chunkObject.txt", {}};
  net::Headers headers{{"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                       {"Content-Encoding", "aws-chunked"},
                       {"x-amz-decoded-content-length", "66560"},
                       {"Content-Length", "66824"}};

  const std::string seed = sign({}, kExample, kThen, "PUT", target, headers, kStreamingPayload);
  ChunkSigner chunks({}, kExample, kThen, seed);
  const std::string large(65536, 'a'), small(1024, 'a');

  EXPECT_EQ(seed, "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
  const std::string first = chunks.frame(large), second = chunks.frame(small), last = chunks.frame("");
  EXPECT_EQ(first, "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
                       large + "\r\n");
  EXPECT_EQ(second, "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + small +
                        "\r\n");
  EXPECT_EQ(last, "0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n");
  EXPECT_EQ(first.size() + second.size() + last.size(), 66824U);
  EXPECT_EQ(ChunkSigner::framed_size(66560, 65536), 66824U);
}

TEST(SignerTest, counts_framed_bytes_for_bodies_of_any_size) {
  for (const std::size_t size : {0, 1, 15, 16, 17, 32, 33}) {
    ChunkSigner chunks({}, kExample, kThen, "seed");
    std::size_t framed = 0;
    for (std::size_t at = 0; at < size; at += 16)
      framed += chunks.frame(std::string(std::min<std::size_t>(16, size - at), 'x')).size();
    framed += chunks.frame("").size();
    EXPECT_EQ(ChunkSigner::framed_size(size, 16), framed) << size;
  }
}

TEST(SignerTest, signing_again_replaces_what_the_first_signing_added) {
  Credentials temporary = kExample;
  temporary.session_token = Secret("token");
  net::Headers once{{"x-amz-meta-a", "1"}}, twice = once;

  sign({}, kExample, kThen + 1h, "PUT", example("/o"), once, kUnsignedPayload);
  sign({}, temporary, kThen, "PUT", example("/o"), twice, kEmptyPayload);
  sign({}, kExample, kThen + 1h, "PUT", example("/o"), twice, kUnsignedPayload);

  EXPECT_EQ(twice.size(), once.size());
  EXPECT_EQ(*net::find_header(twice, "Authorization"), *net::find_header(once, "Authorization"));
  EXPECT_EQ(net::find_header(twice, "x-amz-security-token"), nullptr);
}

TEST(SignerTest, signs_the_session_token_and_sends_it) {
  Credentials temporary = kExample;
  temporary.session_token = Secret("to ken+/=");
  net::Headers headers;

  sign({}, temporary, kThen, "GET", example("/o"), headers, kEmptyPayload);

  EXPECT_EQ(*net::find_header(headers, "x-amz-security-token"), "to ken+/=");
  EXPECT_NE(net::find_header(headers, "Authorization")->find(";x-amz-security-token,"), std::string::npos);
  const std::string url = presigned_url({}, temporary, kThen, "GET", example("/o"), {}, 60s).reveal_to_the_wire();
  EXPECT_NE(url.find("&X-Amz-Security-Token=to%20ken%2B%2F%3D&"), std::string::npos);
}

TEST(SignerTest, orders_headers_by_name_and_not_by_line) {
  // As whole lines "x-amz-meta-a-b:1" would come before "x-amz-meta-a:2".
  net::Headers headers{{"x-amz-meta-a-b", "1"}, {"x-amz-meta-a", "2"}, {"x-amz-meta-v2", "1"}, {"x-amz-meta-v", "2"}};

  sign({}, kExample, kThen, "PUT", example("/o"), headers, kEmptyPayload);

  EXPECT_NE(net::find_header(headers, "Authorization")
                ->find("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta-a;x-amz-meta-a-b;x-amz-meta-v;"
                       "x-amz-meta-v2,"),
            std::string::npos);
}

TEST(SignerTest, leaves_out_what_changes_on_the_way) {
  const auto signature = [](net::Headers headers) {
    return sign({}, kExample, kThen, "PUT", example("/o"), headers, kEmptyPayload);
  };

  EXPECT_EQ(signature({{"User-Agent", "a"}, {"Expect", ""}, {"Connection", "close"}}), signature({}));
  EXPECT_NE(signature({{"Content-MD5", "x"}}), signature({}));
  EXPECT_NE(signature({{"x-amz-meta-a", ""}}), signature({}));
  EXPECT_EQ(signature({{"x-amz-meta-a", " a   b\t c "}}), signature({{"X-Amz-Meta-A", "a b c"}}));
}

TEST(SignerTest, signs_other_services_without_the_header_of_s3) {
  net::Headers headers;

  sign({"eu-central-1", "sts"}, kExample, kThen, "POST", {"https", "sts.eu-central-1.amazonaws.com", "/", {}}, headers,
       kEmptyPayload);

  EXPECT_EQ(net::find_header(headers, "x-amz-content-sha256"), nullptr);
  EXPECT_NE(net::find_header(headers, "Authorization")->find("/eu-central-1/sts/aws4_request"), std::string::npos);
}

struct KeyShape {
  const char* key;
  const char* path;
};

TEST(TargetTest, encodes_each_of_the_key_shapes_once_and_folds_none) {
  const KeyShape shapes[] = {{"a b", "a%20b"},
                             {"a+b", "a%2Bb"},
                             {"100%", "100%25"},
                             {"a%20b", "a%2520b"},
                             {"a=b", "a%3Db"},
                             {"a&b", "a%26b"},
                             {"a?b", "a%3Fb"},
                             {"a#b", "a%23b"},
                             {"a;b,c:d@e", "a%3Bb%2Cc%3Ad%40e"},
                             {"$a", "%24a"},
                             {"a!'()*", "a%21%27%28%29%2A"},
                             {"a-b_c.d~e", "a-b_c.d~e"},
                             {"\xc3\xbc/\xc3\x9f", "%C3%BC/%C3%9F"},
                             {"\xf0\x9f\x98\x80", "%F0%9F%98%80"},
                             {"a\tb", "a%09b"},
                             {"a\nb", "a%0Ab"},
                             {"a//b", "a//b"},
                             {"/abs", "/abs"},
                             {"dir/", "dir/"},
                             {"a/../b", "a/../b"},
                             {"./x", "./x"}};
  for (const KeyShape& shape : shapes) {
    const Target target{"https", "h", "/b/" + std::string(shape.key), {}};
    EXPECT_EQ(url_of(target), "https://h/b/" + std::string(shape.path)) << shape.key;
  }
  EXPECT_EQ(encoded_path("/" + std::string(1024, 'k')).size(), 1025U);
}

TEST(TargetTest, writes_a_query_in_canonical_form) {
  EXPECT_EQ(canonical_query({{"prefix", "a/b *+"}, {"uploads", ""}, {"delimiter", "/"}, {"a-b", "1"}, {"a", "2"}}),
            "a=2&a-b=1&delimiter=%2F&prefix=a%2Fb%20%2A%2B&uploads=");
  EXPECT_EQ(url_of({"http", "h:8080", "/", {{"acl", ""}}}), "http://h:8080/?acl=");
  EXPECT_EQ(url_of({"http", "h", "/", {}}), "http://h/");
}

}  // namespace
}  // namespace millrace::lake::s3
