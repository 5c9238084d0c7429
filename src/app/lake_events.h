#pragma once
/// \file app/lake_events.h
/// Who tells `up` and `load --wait` that something has come: a folder's own events, or what lake.events asks for.

#include <memory>

#include "app/config.h"
#include "lake/object_store.h"

namespace millrace::app {

/// Of a lake in a folder: file system events. Of one on S3: an HTTP server and a thread that asks a queue, as far as
/// they are configured; without them the hint only ever waits its time out. All of them end with it.
/// Errors: a token that is not there; an address that is in use; a queue's URL that is none.
Result<std::unique_ptr<lake::ChangeHint>> make_change_hint(const Config& config);

}  // namespace millrace::app
