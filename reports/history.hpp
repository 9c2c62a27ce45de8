// Changes over a folder of runs (compare/history.hpp) for a terminal, and as a page of its own.
// Without a verdict, and both say so.
#pragma once

#include <string>
#include <vector>

#include "core/view.hpp"
#include "reports/console.hpp"

namespace seatrial::reports {

[[nodiscard]] std::string history_text(const View& history, const ConsoleStyle& style);
[[nodiscard]] std::string history_page(const View& history);

// Of an entry of `changes`: 1.02 ms -> 1.31 ms, +28 %, worse
[[nodiscard]] std::string history_change(const View& series, const View& change);
// What a run is called beside a point: its labels, or its id where it has none.
[[nodiscard]] std::string history_name(const View& run);
// Each series that has changes, in the document's order.
[[nodiscard]] std::vector<View> changed_series(const View& history);
// Sentences: how many series were searched, what chance alone would find, and the contexts.
[[nodiscard]] std::vector<std::string> history_notes(const View& history);

}  // namespace seatrial::reports
