#pragma once
/// \file lake/events/notification.h
/// What S3 services say when an object has come: as they send it to a queue, to SNS, to EventBridge, or by HTTP.
/// Source: docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html; Ceph's
/// docs.ceph.com/en/latest/radosgw/s3-notification-compatibility.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::lake {

/// An object that is said to have come.
struct ObjectEvent {
  std::string bucket, key;
  std::string etag, version_id;  ///< "" where it is not said
};

struct Notification {
  std::vector<ObjectEvent> created;
  std::size_t others = 0;        ///< events that are not about a new object: deletions, restores
  bool is_test = false;          ///< what S3 sends when notifications are switched on
  std::string confirmation_url;  ///< SNS asks to be confirmed before it sends anything; a person opens this once
};

/// One body: {"Records": […]}, a test event, an SNS envelope around one, or an EventBridge event. Keys are decoded
/// as their sender writes them: AWS form-encoded ("a+b%2Bc"), Ceph as they are. Of EventBridge both readings are given
/// where they differ: descriptions disagree, and a hint too many costs nothing. Errors: invalid_input for what is no
/// JSON, or none of these.
Result<Notification> parse_notification(std::string_view body);

/// "a+b%2Bc" -> "a b+c". What is no escape stays as it is.
std::string form_decoded(std::string_view text);

}  // namespace millrace::lake
