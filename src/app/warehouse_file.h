#pragma once
/// \file app/warehouse_file.h
/// The warehouse's file: opened with what the machine has to give, and what happens when it does not open.
/// Nothing is ever deleted here: what cannot be used is renamed beside the new file, and said.

#include <filesystem>
#include <memory>

#include "app/config.h"
#include "base/clock.h"
#include "warehouse/session.h"

namespace millrace::app {

/// Opens the embedded warehouse of a project. A write-ahead log that cannot be replayed is set aside,
/// loudly: the caller reconciles with the lake, which holds every file that was loaded. So is what a first write that
/// failed has left: a file without a byte is an empty warehouse.
/// Errors: conflict names the process that holds it; unavailable where the file is damaged, with what to do.
/// Failpoints: app.set_aside.before
Result<std::unique_ptr<warehouse::Warehouse>> open_warehouse(const Config& config, const Clock& clock);

/// To answer reads only, where the disk is too full to open it for more.
Result<std::unique_ptr<warehouse::Warehouse>> open_warehouse_to_read(const Config& config);

/// Renames the warehouse's files, as the user has asked for a new one. Gives the new name; "" where there was none.
/// Errors: conflict while a process has it open; those of the rename.
Result<std::string> set_warehouse_aside(const Config& config, const Clock& clock);

/// Is there room to load `bytes` more? `key` names them; "" where it is for a build.
/// Errors: unavailable, where there is less than that and what is to be kept free.
Status room_for(const Config& config, std::uint64_t free_bytes, const std::string& key, std::uint64_t bytes);

}  // namespace millrace::app
