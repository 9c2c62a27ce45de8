// Numbers within bounds.
#include "core/numbers.hpp"

#include <cstdint>

#include "core/check.hpp"
#include "core/units.hpp"
#include "support/catch.hpp"

using namespace seatrial;

TEST_CASE("a number is all of its text, and within bounds") {
  CHECK(*parse_unsigned("18446744073709551615") == UINT64_MAX);
  CHECK(parse_unsigned("18446744073709551616").error().message ==
        "'18446744073709551616' is too large");
  CHECK(parse_unsigned("-1").error().message == "'-1' is negative");
  for (const char* text : {"", "1x", "0x1", "1e3", "-0", "1 2", "+-1"}) {
    CHECK_FALSE(parse_unsigned(text));
  }
  CHECK(*parse_integer("5", 1, 5) == 5);
  CHECK(parse_integer("6", 1, 5).error().message == "must be between 1 and 5, not 6");
  CHECK_FALSE(parse_integer("0", 1, 5));
  CHECK_FALSE(parse_integer("99999999999999999999", 1, 5));
  CHECK(parse_integer("-9223372036854775809").error().message ==
        "'-9223372036854775809' is too small");
  CHECK(*parse_hexadecimal("00000001a0005efb") == 0x1a0005efbULL);
  CHECK_FALSE(parse_hexadecimal("g"));
  CHECK(number_in({{"linger.ms", "0.5"}}, "linger.ms") == 0.5);
  CHECK_THROWS_AS(number_in({{"linger.ms", "5s"}}, "linger.ms"), InvariantBroken);
  CHECK_THROWS_AS(number_in({}, "linger.ms"), InvariantBroken);
}

TEST_CASE("a rate is at most one message a nanosecond") {
  CHECK(parse_rate("1000000000/s"));
  CHECK(parse_rate("9223372036854775807/s").error().message ==
        "'9223372036854775807/s' is above 1000000000/s, one a nanosecond");
  CHECK_FALSE(parse_rate("1000001/ms"));
}
