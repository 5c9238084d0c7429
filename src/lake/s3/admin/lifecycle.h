#pragma once
/// \file lake/s3/admin/lifecycle.h
/// `tiers:` as rules that the store itself carries out, day by day.
/// Source: docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lake/s3/admin/desired.h"
#include "lake/s3/xml.h"

namespace millrace::lake::s3::admin {

struct LifecycleRule {
  std::string id, prefix;
  bool enabled = true;
  std::optional<std::int64_t> larger_than;                        ///< bytes; smaller objects stay as they are
  std::vector<std::pair<std::int64_t, std::string>> transitions;  ///< days, storage class; ascending
  std::optional<std::int64_t> expire_days, noncurrent_days, abort_days;
  bool drop_lone_markers = false;  ///< delete markers behind which no version is left
  std::string strange;             ///< names of elements that are not ours to set; "" where there are none

  bool operator==(const LifecycleRule&) const = default;
};

/// The rules that `desired` asks for, all with ids of ours. `aws`: with the lower bound of size below which AWS bills a
/// move more than it saves; other servers take the bound and drop it without a word (Ceph 16.2).
std::vector<LifecycleRule> lifecycle_rules(const Desired& desired, bool aws);

/// "landing/: …", as a person reads it.
std::string in_words(const LifecycleRule& rule);
std::string to_xml(const LifecycleRule& rule);
LifecycleRule read_rule(const XmlElement& rule);

}  // namespace millrace::lake::s3::admin
