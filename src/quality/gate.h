#pragma once
/// \file quality/gate.h
/// The gate before a publish: what a run must show, and the sentence that says why it stays shut.

#include <string>

#include "base/error.h"
#include "transform/run/results.h"

namespace millrace::quality {

/// Of the first failing test or node, with an example row; "" where nothing failed.
/// "test unique_orders_order_id failed: 2 rows, for example {"order_id":1}"
std::string gate_message(const transform::RunReport& run);

/// The node that could not be built or asked, as an error to tell; none where all could.
const transform::NodeResult* first_error(const transform::RunReport& run);

/// Tests alone, as they are counted for people.
transform::Totals test_totals(const transform::RunReport& run);

}  // namespace millrace::quality
