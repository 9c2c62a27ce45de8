// What is shown on which terminal.
#include "core/terminal.hpp"

#include "support/catch.hpp"

using namespace seatrial;

namespace {

constexpr TerminalFacts wide{.is_terminal = true, .window_columns = 200, .term = "xterm"};

}  // namespace

TEST_CASE("colours are for terminals that have them and people who want them") {
  CHECK(terminal_of(wide).colour);
  CHECK(terminal_of(wide).moves_cursor);
  auto facts = wide;
  facts.no_color = "";
  CHECK(terminal_of(facts).colour);
  facts.no_color = "1";
  CHECK_FALSE(terminal_of(facts).colour);
  CHECK(terminal_of(facts).moves_cursor);
  for (const char* term : {"dumb", "", static_cast<const char*>(nullptr)}) {
    facts = wide;
    facts.term = term;
    CHECK_FALSE(terminal_of(facts).colour);
    CHECK_FALSE(terminal_of(facts).moves_cursor);
  }
  facts = wide;
  facts.is_terminal = false;
  CHECK_FALSE(terminal_of(facts).colour);
  CHECK_FALSE(terminal_of(facts).moves_cursor);
}

TEST_CASE("lines are as wide as the window, or narrower where $COLUMNS says so") {
  CHECK(terminal_of(wide).width == 100);
  auto facts = wide;
  facts.window_columns = 60;
  CHECK(terminal_of(facts).width == 60);
  facts.columns = "40";
  CHECK(terminal_of(facts).width == 40);
  facts.columns = "90";
  CHECK(terminal_of(facts).width == 60);
  for (const char* nonsense : {"", "0", "-5", "wide", "40x", "99999999999999999999"}) {
    facts.columns = nonsense;
    CHECK(terminal_of(facts).width == 60);
  }
  CHECK(terminal_of({.is_terminal = true, .term = "vt100"}).width == 80);
  CHECK(terminal_of({}).width == 100);
  CHECK(terminal_of({.columns = "50"}).width == 50);
}
