// The one rule for names.
#include "core/names.hpp"

#include "support/catch.hpp"

using namespace seatrial;

TEST_CASE("a name is letters, digits, dots, lines and dashes, and no path") {
  for (const char* good : {"a", "eu-orders", "orders.v2", "_x", "9", "A_b-C.d"}) {
    INFO(good);
    CHECK(wrong_name(good, longest_name).empty());
  }
  for (const char* bad : {"", ".", "..", ".x", "-x", "eu/orders", "p/../../x", "a b", "a\n", "a,b",
                          "a=b", "\xc3\xbc", "\xff", "a:b", "a\\b"}) {
    INFO(bad);
    CHECK_FALSE(wrong_name(bad, longest_name).empty());
  }
  CHECK(wrong_name(std::string(60, 'x'), longest_name).empty());
  CHECK(wrong_name("eu/orders", 60) ==
        "'eu/orders' is no name: it has 1 to 60 of a-z A-Z 0-9 . _ -, and does not start with . "
        "or -");
  CHECK_FALSE(wrong_name(std::string(61, 'x'), longest_name).empty());
}
