// Which answers make a law of scaling, and which are left out of it.
#include "capacity/scaling.hpp"

#include <nlohmann/json.hpp>

#include "record/shape.hpp"
#include "support/catch.hpp"

namespace seatrial::capacity {
namespace {

using nlohmann::json;

json search(const char* partitions, double lower, double upper) {
  return {{"name", std::string("partitions=") + partitions},
          {"axes", {{"partitions", partitions}}},
          {"outcome", "interval"},
          {"lower_per_s", lower},
          {"upper_per_s", upper}};
}

// 20,000, 38,000, 66,000 and 90,000 a second, each known to 2 %.
json partitions() {
  json searches = json::array();
  for (const auto& [n, rate] : {std::pair{"1", 20e3}, {"2", 38e3}, {"4", 66e3}, {"8", 90e3}})
    searches.push_back(search(n, rate / 1.02, rate * 1.02));
  return {{"axes", {"partitions"}}, {"searches", searches}};
}

TEST_CASE("scaling: the law through the middles of the intervals") {
  const json capacity = partitions();
  const json out = scaling_of(View(capacity));
  CHECK(out.at("axis") == "partitions");
  CHECK(out.at("sigma").at("value").get<double>() == Approx(0.02944063).epsilon(1e-4));
  CHECK(out.at("kappa").at("value").get<double>() == Approx(0.0101503).epsilon(1e-4));
  CHECK(out.at("lambda").at("low").get<double>() < 19.9e3);
  CHECK(out.at("lambda").at("high").get<double>() > 20.1e3);
  CHECK(out.at("leave_last_out").get<double>() == Approx(0.01703).epsilon(1e-3));
  CHECK(out.at("peak") == 9);
  CHECK(out.at("furthest") == 16);
  CHECK(out.at("curve").front().at("n") == 1);
  CHECK(out.at("curve").back().at("n") == 16);  // and nothing beyond
  CHECK_FALSE(out.contains("left_out"));
  const json whole{{"capacity", {{"scaling", out}}}};
  CHECK(record::undeclared(whole, record::record_shape()).empty());
}

TEST_CASE("scaling: what the generator ended is no capacity, and too few values are no law") {
  json capacity = partitions();
  capacity["searches"][3]["outcome"] = "at_least";
  capacity["searches"][3]["ended_by_generator"] = true;
  const json out = scaling_of(View(capacity));
  CHECK(out.at("left_out") ==
        json{"partitions=8 is not in the fit: the generator ended there, not the cluster"});
  CHECK(out.at("refused").get<std::string>().find("3 values cannot contradict it") !=
        std::string::npos);
  CHECK_FALSE(out.contains("curve"));
  capacity["searches"][3] = {
      {"name", "partitions=8"}, {"axes", {{"partitions", "8"}}}, {"outcome", "undecided"}};
  CHECK(scaling_of(View(capacity)).at("left_out").at(0) ==
        "partitions=8 is not in the fit: it has no interval");
}

TEST_CASE("scaling: only a single axis that counts what works together") {
  CHECK(is_count("partitions"));
  CHECK(is_count("workloads.produce.lanes"));
  CHECK_FALSE(is_count("linger"));
  CHECK_FALSE(is_count("replication"));  // copies are more work, not more hands
  json capacity = partitions();
  capacity["axes"] = {"acks"};
  CHECK(scaling_of(View(capacity)).is_null());
  capacity["axes"] = {"partitions", "acks"};
  CHECK(scaling_of(View(capacity)).is_null());
  const json empty = json::object();
  CHECK(scaling_of(View(empty)).is_null());
}

}  // namespace
}  // namespace seatrial::capacity
