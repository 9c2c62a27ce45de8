// From what members tell to who owned what: eager and cooperative rebalances, a kill, a pause.
#include "record/group_record.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace seatrial::record {
namespace {

using Event = workers::WorkerEvent::Kind;
using Partitions = std::vector<std::int32_t>;
using Spans = std::vector<TimeSpan>;

workers::WorkerEvent at(std::int64_t at_ns, Event kind, Partitions partitions = {}) {
  return {.kind = kind, .at_ns = at_ns, .partitions = std::move(partitions), .text = {}};
}

workers::WorkerLog log_of(std::vector<workers::WorkerEvent> events) {
  workers::WorkerLog log;
  log.events = std::move(events);
  return log;
}

constexpr TimeSpan measure{100, 1000};

TEST_CASE("a group that nothing happens to owns all of the time") {
  const workers::WorkerLog one = log_of({at(10, Event::assigned, {0, 1}), at(1200, Event::leaving),
                                         at(1210, Event::revoked, {0, 1}), at(1220, Event::ended)});
  const workers::WorkerLog* logs[] = {&one};
  const auto owners = owners_of(logs, 2, measure);
  REQUIRE(owners.size() == 2);
  CHECK(owners[1].owners == std::vector<OwnerSpan>{{1, {10, 1210}}});
  CHECK(owners[1].unowned.empty());
  CHECK(owners[1].longest_unowned() == nanoseconds(0));
  CHECK(revoked(logs, measure) == 0);
}

TEST_CASE("an eager rebalance stops every partition, a cooperative one what moves") {
  const workers::WorkerLog eager =
      log_of({at(10, Event::assigned, {0, 1}), at(400, Event::revoked, {0, 1}),
              at(430, Event::assigned, {0})});
  const workers::WorkerLog late = log_of({at(350, Event::joined), at(440, Event::assigned, {1})});
  const workers::WorkerLog* logs[] = {&eager, &late};
  auto owners = owners_of(logs, 2, measure);
  CHECK(owners[0].unowned == Spans{{400, 430}});
  CHECK(owners[1].unowned == Spans{{400, 440}});
  CHECK(owners[1].longest_unowned() == nanoseconds(40));
  CHECK(revoked(logs, measure) == 2);

  const workers::WorkerLog cooperative =
      log_of({at(10, Event::assigned, {0, 1}), at(400, Event::revoked, {1})});
  const workers::WorkerLog* others[] = {&cooperative, &late};
  owners = owners_of(others, 2, measure);
  CHECK(owners[0].unowned.empty());
  CHECK(owners[1].unowned == Spans{{400, 440}});
  CHECK(revoked(others, measure) == 1);
}

TEST_CASE("what a killed member owned has no owner until another gets it") {
  const workers::WorkerLog dead = log_of({at(10, Event::assigned, {0}), at(300, Event::ended),
                                          at(800, Event::started), at(900, Event::joined)});
  const workers::WorkerLog heir =
      log_of({at(10, Event::assigned, {1}), at(700, Event::assigned, {0})});
  const workers::WorkerLog* logs[] = {&dead, &heir};
  const auto owners = owners_of(logs, 3, measure);
  CHECK(owners[0].owners == std::vector<OwnerSpan>{{1, {10, 300}}, {2, {700, 1000}}});
  CHECK(owners[0].unowned == Spans{{300, 700}});
  CHECK(owners[1].unowned.empty());
  CHECK(owners[2].unowned == Spans{measure});  // nobody ever
  CHECK(revoked(logs, measure) == 0);
}

TEST_CASE("who stands still works on nothing, and may come back to what is lost") {
  // Told by two sides, so not in order.
  const workers::WorkerLog zombie = log_of({at(10, Event::assigned, {0}), at(600, Event::lost, {0}),
                                            at(300, Event::paused), at(550, Event::resumed)});
  const workers::WorkerLog heir = log_of({at(500, Event::assigned, {0})});
  const workers::WorkerLog* logs[] = {&zombie, &heir};
  const auto owners = owners_of(logs, 1, measure);
  CHECK(owners[0].owners ==
        std::vector<OwnerSpan>{{1, {10, 300}}, {2, {500, 1000}}, {1, {550, 600}}});
  CHECK(owners[0].unowned == Spans{{300, 500}});
  CHECK(revoked(logs, measure) == 1);
}

TEST_CASE("what a leaving member gives back was not taken from it") {
  const workers::WorkerLog leaver = log_of({at(10, Event::assigned, {0}), at(400, Event::leaving),
                                            at(410, Event::revoked, {0}), at(420, Event::ended)});
  const workers::WorkerLog* logs[] = {&leaver};
  CHECK(revoked(logs, measure) == 0);
  CHECK(owners_of(logs, 1, measure)[0].unowned == Spans{{410, 1000}});
}

TEST_CASE("the record names events, owners and the longest time without one") {
  const workers::WorkerLog dead = log_of({at(10, Event::assigned, {0}), at(300, Event::ended)});
  const workers::WorkerLog* logs[] = {&dead};
  const auto record = describe_group(logs, 1, measure);
  CHECK(record["longest_unowned_ns"] == 700);
  CHECK(record["members"][0]["member"] == 1);
  CHECK(record["members"][0]["events"][0]["event"] == "assigned");
  CHECK(record["members"][0]["events"][0]["partitions"] == Partitions{0});
  CHECK(record["partitions"][0]["owners"][0]["member"] == 1);
  CHECK(record["partitions"][0]["unowned"].size() == 1);
}

}  // namespace
}  // namespace seatrial::record
