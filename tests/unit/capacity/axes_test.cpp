// Axes, their cells, and the settings that these are.
#include "capacity/axes.hpp"

#include "support/catch.hpp"
#include "support/text.hpp"
#include "unit/capacity/plans.hpp"

namespace seatrial::capacity {
namespace {

using by_hand::trial_of;
using List = std::vector<std::string>;
using test::contains;

List settings(const std::string& over) {
  const auto axes = parse_axes({over});
  REQUIRE(axes);
  return settings_of(cells_of(*axes).front(), trial_of());
}

TEST_CASE("an axis sets what it stands for, of what produces", "[capacity]") {
  CHECK(settings("partitions=8") ==
        List{"topics.orders.partitions=8", "topics.other.partitions=8"});
  CHECK(settings("brokers=3") == List{"cluster.brokers=3"});
  CHECK(settings("linger=0") ==
        List{"workloads.produce.properties.linger.ms=0", "workloads.more.properties.linger.ms=0"});
  CHECK(settings("acks=all") ==
        List{"workloads.produce.properties.acks=all", "workloads.more.properties.acks=all"});
  CHECK(settings("lanes=2") == List{"workloads.produce.lanes=2", "workloads.more.lanes=2"});
  CHECK(settings("cluster.config.num.io.threads=2") == List{"cluster.config.num.io.threads=2"});
}

TEST_CASE("two axes make a search for each pair, and none makes one", "[capacity]") {
  const auto axes = parse_axes({"partitions=1,2", "acks=1,all"});
  REQUIRE(axes);
  const auto cells = cells_of(*axes);
  REQUIRE(cells.size() == 4);
  CHECK(cells[1].name() == "partitions=1 acks=all");
  CHECK(cells_of({}).front().name() == "base");
  CHECK(settings_of(cells_of({}).front(), trial_of()).empty());
}

TEST_CASE("a wrong axis is told what there is", "[capacity]") {
  const auto why = [](const List& texts) {
    const auto axes = parse_axes(texts);
    REQUIRE_FALSE(axes);
    return axes.error().message;
  };
  CHECK(contains(why({"partition=1,2"}), "did you mean 'partitions'"));
  CHECK(contains(why({"rate=1,2"}), "what each search finds"));
  CHECK(contains(why({"workloads.produce.rate=1,2"}), "what each search finds"));
  CHECK(contains(why({"phases.measure=1s"}), "how trials are made"));
  CHECK(contains(why({"partitions"}), "as in partitions=1,2,4,8"));
  CHECK(contains(why({"partitions=1,,2"}), "missing"));
  CHECK(contains(why({"partitions=1,1"}), "twice"));
  CHECK(contains(why({"partitions=1", "partitions=2"}), "an axis already"));
  CHECK(contains(why({"partitions=1", "acks=1", "size=1B"}), "at most two"));
  CHECK(contains(why({"partitions=1,2,3,4,5,6,7,8,9", "lanes=1,2,3,4,5,6,7,8"}), "at most 64"));
}

}  // namespace
}  // namespace seatrial::capacity
