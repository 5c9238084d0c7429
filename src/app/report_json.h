#pragma once
/// \file app/report_json.h
/// Reports as JSON. The names are what scripts rely on: they change only with a breaking release.

#include <string>
#include <vector>

#include "schedule/pipeline.h"

namespace millrace::app {

std::string json_of(const ingest::FileOutcome& outcome);
std::string json_of(const lake::Ignored& ignored);
std::string json_of(const ingest::HandedOn& handed);
std::string json_of(const ingest::HeldBack& held);
std::string json_of(const schedule::BuildReport& report);
std::string json_of(const Error& error);
std::string quoted_json(std::string_view text);
std::string json_of_serving(const std::string& address, const std::vector<std::string>& paths);

}  // namespace millrace::app
