// The shape of the machine's series.
#include "record/generator_record.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace seatrial::record {
namespace {

TEST_CASE("a point of the machine's series leaves out what the system does not tell") {
  MachinePoint point{.second = -2, .length_s = 2, .use = {}, .at_end = {}};
  point.use.generator_cpu_s = 1;
  point.use.involuntary_switches = 7;
  point.throttle_ns = 3;
  auto reported = to_json(point);
  CHECK(reported["t_s"] == -2);
  CHECK(reported["generator_cpu"] == 0.5);
  CHECK(reported["involuntary_switches"] == 7);
  CHECK(reported["throttle_ns"] == 3);
  CHECK_FALSE(reported.contains("steal"));
  point.use.steal_share = 0.0;
  CHECK(to_json(point)["steal"] == 0.0);
}

TEST_CASE("each second gets the longest hiccup of its own") {
  measure::HiccupReport hiccups;
  hiccups.max_by_second = {{-1, 5}, {1, 9}};
  const auto series = with_hiccups({{{"t_s", -2}}, {{"t_s", -1}}, {{"t_s", 0}}}, hiccups, 1);
  CHECK(series[0]["hiccup_ns"] == 5);
  CHECK_FALSE(series[1].contains("hiccup_ns"));
  CHECK(series[2]["hiccup_ns"] == 9);
}

}  // namespace
}  // namespace seatrial::record
