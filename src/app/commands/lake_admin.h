#pragma once
/// \file app/commands/lake_admin.h
/// `millrace lake plan|apply|status|policy`: how the bucket is set, and who may do what in it.

#include <functional>

#include "app/commands.h"

namespace CLI {
class App;
}

namespace millrace::app {

/// Adds them to the group `lake`. `run` is set to the one that was asked for.
void add_lake_admin(CLI::App& lake, CommonOptions& common, std::function<int()>& run);

}  // namespace millrace::app
