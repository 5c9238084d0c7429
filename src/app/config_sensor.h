#pragma once
/// \file app/config_sensor.h
/// pipelines.<name>.sensor and sources.<name>.sensor: how files are waited for.

#include <string>

#include "base/result.h"
#include "base/yaml.h"
#include "ingest/sensor_options.h"

namespace millrace::app {

/// The section `sensor` of a pipeline: what holds for all sources. Errors: invalid_input at file:line:column.
Result<ingest::SensorOptions> read_default_sensor(yaml::Fields& pipeline);

/// The section `sensor` of a source; what it does not say is as in `otherwise`. `files`: the source's pattern.
/// Errors: invalid_input at file:line:column.
Result<ingest::SensorOptions> read_source_sensor(yaml::Fields& source, const std::string& files,
                                                 const ingest::SensorOptions& otherwise);

}  // namespace millrace::app
