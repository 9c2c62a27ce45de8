// What a terminal, or whatever stands in its place, can show.
#pragma once

#include <cstddef>

namespace seatrial {

struct TerminalFacts {
  bool is_terminal = false;
  unsigned window_columns = 0;     // 0: not known
  const char* term = nullptr;      // $TERM
  const char* columns = nullptr;   // $COLUMNS
  const char* no_color = nullptr;  // $NO_COLOR
};

struct Terminal {
  bool moves_cursor = false;  // understands escapes
  bool colour = false;
  std::size_t width = 100;  // columns to use, at most
};

// The narrower of the window and $COLUMNS; 80 columns for a terminal that says nothing.
[[nodiscard]] Terminal terminal_of(const TerminalFacts& facts);

// Of standard output, now: windows change their size.
[[nodiscard]] Terminal standard_terminal();

}  // namespace seatrial
