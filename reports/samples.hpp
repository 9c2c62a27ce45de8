// Whether there is something behind a figure that is not given.
#pragma once

#include "core/view.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports {

// Whether the row's trials recorded responses: then a percentile that is absent had too few.
bool has_responses(const View& record, const VariantRow& row);

}  // namespace seatrial::reports
