#pragma once
/// \file lake/s3/admin/fake_bucket_for_tests.h
/// A bucket's configuration in memory, with the habits of servers that tests ask for.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lake/s3/admin/bucket_api.h"

namespace millrace::lake::s3::admin {

struct FakeBucket final : BucketApi {
  std::map<std::string, std::string> documents;
  std::set<std::string> unknown;    ///< sub-resources that the server does not know
  std::set<std::string> forbidden;  ///< that may not be read
  std::set<std::string> unwritable;
  std::set<std::string> refused;                                                  ///< that are asked for in vain
  std::function<std::string(const std::string& sub, std::string document)> keep;  ///< what is kept of a document
  int stale_reads = 0;  ///< after a put, so many reads still see the old document
  Server is{};
  std::vector<std::string> puts, removes;

  Result<std::optional<std::string>> get(const std::string& sub, const std::vector<std::string>&) override {
    if (unknown.contains(sub)) return Error{ErrorKind::unsupported, "?" + sub + " is not known here", {}, {}};
    if (forbidden.contains(sub)) return Error{ErrorKind::permission_denied, "AccessDenied", {}, {}};
    const auto& from = stale_left_ > 0 ? before_ : documents;
    if (stale_left_ > 0) --stale_left_;
    const auto found = from.find(sub);
    if (found == from.end()) return std::optional<std::string>{};
    return std::optional<std::string>(found->second);
  }
  Status put(const std::string& sub, std::string_view document) override {
    if (unwritable.contains(sub)) return Error{ErrorKind::permission_denied, "AccessDenied", {}, {}};
    if (refused.contains(sub)) return Error{ErrorKind::conflict, "InvalidBucketState", {}, {}};
    before_ = documents;
    stale_left_ = stale_reads;
    puts.push_back(sub);
    documents[sub] = keep ? keep(sub, std::string(document)) : std::string(document);
    return ok();
  }
  Status remove(const std::string& sub) override {
    if (!is.aws) return Error{ErrorKind::unsupported, "no DELETE of a sub-resource on this endpoint", {}, {}};
    removes.push_back(sub);
    documents.erase(sub);
    return ok();
  }
  Server server() const override { return is; }

 private:
  std::map<std::string, std::string> before_;
  int stale_left_ = 0;
};

/// The lake of the tests: shop-lake/shop/, with tiers, a key and a queue.
inline Desired whole_wish() {
  Desired d;
  d.bucket = "shop-lake";
  d.prefix = "shop/";
  d.security.encryption = Encryption::kms;
  d.security.kms_key = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  d.security.queue = "arn:aws:sqs:eu-central-1:111122223333:shop-landing";
  d.tiers.warm = Days{30};
  d.tiers.cold = Days{90};
  d.tiers.archive = Days{365};
  d.tiers.keep = Days{2555};
  d.tiers.abort_uploads = Days{2};
  return d;
}

}  // namespace millrace::lake::s3::admin
