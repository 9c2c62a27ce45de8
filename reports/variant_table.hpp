// The table over the variants, as every renderer for people without a page shows it: what the
// scenario asks first, then what became of messages, then latencies and the verdict.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reports/summary.hpp"

namespace seatrial::reports {

inline constexpr std::string_view table_none = "-";  // a cell of which nothing was recorded

struct TableColumn {
  std::string header;
  std::vector<std::string> cells;  // of each row, plain text
  [[nodiscard]] std::size_t width() const;
};

struct VariantColumns {
  std::vector<TableColumn> messages, times;  // the verdict is the last of `times`
};
// `rows`: at least one.
VariantColumns variant_columns(const std::vector<VariantRow>& rows);

std::string upper(std::string text);  // letters of ASCII

// What the columns mean that are not the scenario's own, a paragraph each.
inline constexpr std::string_view column_meanings[] = {
    "lost: acked, yet not in the log. p50 p99 p99.9: response, from the intended time to the ack; "
    "few: fewer than ten messages beyond it.",
    "unavail: longest span in which messages were due and none was acked. -: not recorded."};

}  // namespace seatrial::reports
