// Ticks and scales at their edges.
#include "reports/page/svg.hpp"

#include "support/catch.hpp"

using namespace seatrial::reports::page;

TEST_CASE("svg: linear ticks are 1, 2 or 5 times a power of ten") {
  CHECK(linear_ticks(-5, 25, 12) == std::vector<double>{-5, 0, 5, 10, 15, 20, 25});
  CHECK(linear_ticks(0, 1, 5).size() == 6);
  CHECK(linear_ticks(0, 37000, 4) == std::vector<double>{0, 10000, 20000, 30000});
  CHECK(linear_ticks(3, 3, 5) == std::vector<double>{3});
}

TEST_CASE("svg: logarithmic ticks") {
  CHECK(log_ticks(1e3, 1e9).size() == 7);
  CHECK(log_ticks(1e6, 1e7) == std::vector<double>{1e6, 2e6, 5e6, 1e7});
  CHECK(log_ticks(0, 10).empty());
}

TEST_CASE("svg: tick labels") {
  CHECK(tick_duration(1e9) == "1 s");
  CHECK(tick_duration(5e5) == "500 \xC2\xB5s");
  CHECK(tick_duration(2e7) == "20 ms");
  CHECK(tick_count(500) == "500");
  CHECK(tick_count(15000) == "15 k");
  CHECK(tick_bytes(0) == "0");
  CHECK(tick_bytes(500) == "500 B");
  CHECK(tick_bytes(2000) == "2 kB");
  CHECK(tick_bytes(40e6) == "40 MB");
  CHECK(tick_bytes(1.5e9) == "1.5 GB");
}

TEST_CASE("svg: scales keep within their ends") {
  const Scale time{-5, 25, 70, 1000};
  CHECK(time(-5) == Approx(70));
  CHECK(time(25) == Approx(1000));
  CHECK(time(99) == Approx(1000));
  const Scale log{1e3, 1e9, 200, 20, true};
  CHECK(log(1e6) == Approx(110));
  CHECK(log(0) == Approx(200));
}
