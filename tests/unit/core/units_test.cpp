// Units: exact values, refusals with a reason, and text for people.
#include "core/units.hpp"

#include <cmath>

#include "support/catch.hpp"

using namespace seatrial;
using namespace std::chrono_literals;

TEST_CASE("durations are exact") {
  CHECK(*parse_duration("5s") == 5s);
  CHECK(*parse_duration("700ms") == 700ms);
  CHECK(*parse_duration("8.4s") == 8400ms);
  CHECK(*parse_duration("0.000000001s") == 1ns);
  CHECK(*parse_duration("2m") == 120s);
  CHECK(*parse_duration("2min") == 120s);
  CHECK(*parse_duration("1.5h") == 5400s);
  CHECK(*parse_duration("1d") == 86400s);
  CHECK(*parse_duration("3us") == 3us);
  CHECK(*parse_duration(" 5 s ") == 5s);
  CHECK(*parse_duration("0") == 0ns);  // nothing needs no unit
  CHECK(*parse_duration("9223372036854775807ns") == nanoseconds::max());
}

TEST_CASE("wrong durations are refused with a reason") {
  CHECK(parse_duration("5").error().message == "'5' has no unit");
  CHECK(parse_duration("5sec").error().message ==
        "unknown unit 'sec' in '5sec' (did you mean 's'?)");
  CHECK(parse_duration("5S").error().message == "unknown unit 'S' in '5S' (did you mean 's'?)");
  CHECK(parse_duration("-5s").error().message == "'-5s' is negative; a duration is never");
  CHECK(parse_duration("1h30m").error().message == "unknown unit 'h30m' in '1h30m'");
  CHECK(parse_duration("soon").error().message == "'soon' is not a duration");
  CHECK(parse_duration("0.1ns").error().message == "'0.1ns' is finer than the smallest unit");
  CHECK(parse_duration("9223372036854775808ns").error().message ==
        "'9223372036854775808ns' is too large");
  CHECK(parse_duration("400000d").error().message == "'400000d' is too large");
  for (const char* text : {"", "s", ".5s", "5.s", "0x5s", "5e3s", "99999999999999999999s"}) {
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("sizes know decimal and binary multiples") {
  CHECK(*parse_size("256B") == 256);
  CHECK(*parse_size("4KiB") == 4096);
  CHECK(*parse_size("4kB") == 4000);
  CHECK(*parse_size("1.5KiB") == 1536);
  CHECK(*parse_size("1GB") == 1'000'000'000);
  CHECK(*parse_size("1GiB") == 1ULL << 30);
  CHECK(*parse_size("0") == 0);
  CHECK(parse_size("4kb").error().message == "unknown unit 'kb' in '4kb' (did you mean 'kB'?)");
  CHECK(parse_size("512M").error().message == "unknown unit 'M' in '512M' (did you mean 'MiB'?)");
  CHECK(parse_size("0.3B").error().message == "'0.3B' is finer than the smallest unit");
  CHECK_FALSE(parse_size("16777216TiB"));
  CHECK_FALSE(parse_size("100"));
}

TEST_CASE("rates are whole fractions") {
  CHECK(*parse_rate("5000/s") == Rate{.messages = 5000, .per = 1s});
  CHECK(*parse_rate("10/min") == Rate{.messages = 10, .per = 60s});
  CHECK(*parse_rate("2.5k/s") == Rate{.messages = 2500, .per = 1s});
  CHECK(*parse_rate("1M/s") == Rate{.messages = 1'000'000, .per = 1s});
  CHECK(*parse_rate("0.5/s") == Rate{.messages = 5, .per = 10s});
  CHECK(*parse_rate("3/ms") == Rate{.messages = 3, .per = 1ms});
  CHECK(parse_rate("max")->unlimited);
  CHECK(std::isinf(parse_rate("max")->per_second()));
  CHECK(parse_rate("0.5/s")->per_second() == 0.5);
  CHECK(parse_rate("90/min")->per_second() == 1.5);
  CHECK(parse_rate("5000").error().message == "'5000' has no span of time (did you mean 5000/s?)");
  CHECK(parse_rate("5000/sec").error().message ==
        "unknown span of time 'sec' in '5000/sec' (did you mean 's'?)");
  CHECK(parse_rate("5K/s").error().message ==
        "unknown multiple 'K' in '5K/s' (did you mean 'k'?)");
  CHECK(parse_rate("0/s").error().message == "'0/s' sends nothing");
  CHECK_FALSE(parse_rate("-1/s"));
  CHECK_FALSE(parse_rate("fast"));
  CHECK_FALSE(parse_rate("99999999999999M/s"));
}

TEST_CASE("numbers are decimal") {
  CHECK(*parse_integer("-12") == -12);
  CHECK(*parse_integer("+12") == 12);
  CHECK(*parse_integer("010") == 10);
  CHECK(*parse_integer("-9223372036854775808") == INT64_MIN);
  for (const char* text :
       {"0x10", "1e3", "1_000", "1.0", "", "+", "--1", "+-1", "9223372036854775808"}) {
    CHECK_FALSE(parse_integer(text));
  }
  CHECK(*parse_number("0.25") == 0.25);
  CHECK(*parse_number("-1e3") == -1000);
  for (const char* text : {"nan", "inf", "0x1p3", "1,5", "", "1 2"})
    CHECK_FALSE(parse_number(text));
  CHECK(*parse_boolean("true"));
  CHECK_FALSE(*parse_boolean("false"));
  for (const char* text : {"yes", "on", "True", "1", ""}) CHECK_FALSE(parse_boolean(text));
}

TEST_CASE("durations are written with three digits in a unit that fits") {
  CHECK(format_duration(0ns) == "0 s");
  CHECK(format_duration(121us) == "121 us");
  CHECK(format_duration(1'621'400us) == "1.62 s");
  CHECK(format_duration(999ns) == "999 ns");
  CHECK(format_duration(999'949ns) == "1 ms" );
  CHECK(format_duration(999'400ns) == "999 us");
  CHECK(format_duration(8400ms) == "8.4 s");
  CHECK(format_duration(90s) == "90 s");
  CHECK(format_duration(150s) == "2.5 min");
  CHECK(format_duration(3h) == "3 h");
  CHECK(format_duration(72h) == "3 d");
  CHECK(format_duration(-5ms) == "-5 ms");
  CHECK(format_duration(9'996us) == "10 ms");
}

TEST_CASE("bytes, counts and rates are written for people") {
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(1023) == "1023 B");
  CHECK(format_bytes(1536) == "1.5 KiB");
  CHECK(format_bytes((1ULL << 20) + (1ULL << 18)) == "1.25 MiB");
  CHECK(format_bytes((1ULL << 20) - 1) == "1 MiB");
  CHECK(format_count(0) == "0");
  CHECK(format_count(999) == "999");
  CHECK(format_count(12345) == "12,345");
  CHECK(format_count(1234567) == "1,234,567");
}

TEST_CASE("a rate is written so that it reads back the same") {
  for (const char* text : {"5000/s", "10/min", "0.5/s", "0.05/s", "2.25/s", "3/ms", "7/h", "max"}) {
    CHECK(format_rate(*parse_rate(text)) == text);
  }
}
