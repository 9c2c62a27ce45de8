// Implements core/terminal.hpp.
#include "core/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

namespace seatrial {
namespace {

std::string_view text_of(const char* variable) { return variable == nullptr ? "" : variable; }

}  // namespace

Terminal terminal_of(const TerminalFacts& facts) {
  Terminal terminal;
  const std::string_view term = text_of(facts.term);
  terminal.moves_cursor = facts.is_terminal && !term.empty() && term != "dumb";
  terminal.colour = terminal.moves_cursor && text_of(facts.no_color).empty();
  const std::string_view columns = text_of(facts.columns);
  unsigned asked = 0;
  const auto [end, problem] =
      std::from_chars(columns.data(), columns.data() + columns.size(), asked);
  if (problem != std::errc{} || end != columns.data() + columns.size()) asked = 0;
  for (const unsigned limit : {facts.window_columns, asked}) {
    if (limit > 0) terminal.width = std::min<std::size_t>(terminal.width, limit);
  }
  const bool unknown = facts.window_columns == 0 && asked == 0;
  if (facts.is_terminal && unknown) terminal.width = 80;
  return terminal;
}

Terminal standard_terminal() {
  winsize window{};
  const bool answered = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0;
  return terminal_of({.is_terminal = ::isatty(STDOUT_FILENO) == 1,
                      .window_columns = answered ? window.ws_col : 0U,
                      .term = std::getenv("TERM"),
                      .columns = std::getenv("COLUMNS"),
                      .no_color = std::getenv("NO_COLOR")});
}

}  // namespace seatrial
