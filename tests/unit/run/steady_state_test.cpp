// A fault that strikes a system which could not keep up before it tests nothing.
#include "run/steady_state.hpp"

#include "support/catch.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

// 1,000/s offered; `settled` of them each second; the fault strikes at 4.5 s.
json trial(int settled) {
  json points = json::array();
  for (int t = -2; t < 8; ++t) {
    points.push_back({{"t_s", t}, {"intended", 1000}, {"done_acked", t < 4 ? settled : 0}});
  }
  return {{"workloads", {{{"name", "produce"}, {"loop", "open"}, {"totals", {{"sent", 0}}}}}},
          {"series", {{{"workload", "produce"}, {"points", points}}}},
          {"faults", {{{"injected_s", 6.0}}, {{"injected_s", 4.5}}, {{"status", "not_fired"}}}}};
}

TEST_CASE("a system that keeps up until the first fault is steady, one that does not is not") {
  CHECK(!unsteady_before_faults(trial(1000)));
  CHECK(!unsteady_before_faults(trial(500)));
  const auto why = unsteady_before_faults(trial(499));
  REQUIRE(why);
  CHECK(why->find("of 3,000 messages due in the seconds before 4.5 s workload 'produce' "
                  "got 1,497") != std::string::npos);
}

TEST_CASE("where nothing can be told, nothing is claimed") {
  json closed = trial(0);
  closed["workloads"][0]["loop"] = "closed";
  CHECK(!unsteady_before_faults(closed));
  json silent = trial(0);
  silent["workloads"][0]["totals"]["sent"] = 10'000;
  CHECK(!unsteady_before_faults(silent));
  json calm = trial(0);
  calm["faults"] = json::array();
  CHECK(!unsteady_before_faults(calm));
  json early = trial(0);
  early["faults"] = {{{"injected_s", -1.5}}};
  CHECK(!unsteady_before_faults(early));
}

TEST_CASE("each workload is judged by its own series") {
  json two = trial(1000);
  two["workloads"].push_back({{"name", "slow"}, {"loop", "open"}, {"totals", {{"sent", 0}}}});
  two["series"].push_back({{"workload", "slow"}, {"points", trial(10)["series"][0]["points"]}});
  const auto why = unsteady_before_faults(two);
  REQUIRE(why);
  CHECK(why->find("workload 'slow' got 30") != std::string::npos);
  two["workloads"][1]["loop"] = "closed";
  CHECK(!unsteady_before_faults(two));
}

}  // namespace
}  // namespace seatrial::run
