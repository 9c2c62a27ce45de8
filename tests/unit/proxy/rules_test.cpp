// Whom a rule reaches, which requests it picks, and how fast a bucket fills.
#include "proxy/rules.hpp"

#include <algorithm>
#include <cstdlib>

#include "support/catch.hpp"

namespace seatrial::proxy {
namespace {

const Roles three{{NodeId(1), NodeRole::broker},
                  {NodeId(2), NodeRole::broker},
                  {NodeId(101), NodeRole::controller}};

NetworkRule rule_on(int node, Peers peers, Way way = Way::both) {
  NetworkRule out;
  out.node = NodeId(node);
  out.peers = std::move(peers);
  out.way = way;
  return out;
}

Ends ends(int node, Listener listener, std::optional<int> peer = {}) {
  Ends out{.node = NodeId(node), .listener = listener, .peer = std::nullopt};
  if (peer) out.peer = NodeId(*peer);
  return out;
}

TEST_CASE("a rule reaches connections to its node and those that its node makes") {
  const Reach both{true, true}, none{};
  const Peers brokers{.brokers = true}, clients{.clients = true}, quorum{.controllers = true};
  const auto reaches = [](const NetworkRule& rule, const Ends& e) { return reach(rule, e, three); };
  CHECK(reaches(rule_on(1, clients), ends(1, Listener::client)) == both);
  CHECK(reaches(rule_on(1, clients), ends(2, Listener::client)) == none);
  CHECK(reaches(rule_on(1, clients), ends(1, Listener::replication, 2)) == none);
  CHECK(reaches(rule_on(1, brokers), ends(1, Listener::replication, 2)) == both);
  CHECK(reaches(rule_on(1, brokers), ends(1, Listener::replication)) == both);
  CHECK(reaches(rule_on(1, brokers), ends(2, Listener::replication, 1)) == both);
  CHECK(reaches(rule_on(1, brokers), ends(101, Listener::controller, 1)) == none);
  CHECK(reaches(rule_on(1, quorum), ends(101, Listener::controller, 1)) == both);
  CHECK(reaches(rule_on(1, quorum), ends(101, Listener::controller, 2)) == none);
  CHECK(reaches(rule_on(101, brokers), ends(101, Listener::controller, 2)) == both);
  const Peers second{.nodes = {NodeId(2)}};
  CHECK(reaches(rule_on(1, second), ends(1, Listener::replication, 2)) == both);
  CHECK(reaches(rule_on(1, second), ends(2, Listener::replication, 1)) == both);
  CHECK(reaches(rule_on(1, second), ends(1, Listener::client)) == none);
}

TEST_CASE("ways are as the rule's node sees them, whoever dialled") {
  const Peers brokers{.brokers = true};
  const Ends to_it = ends(1, Listener::replication, 2), from_it = ends(2, Listener::replication, 1);
  CHECK(reach(rule_on(1, brokers, Way::in), to_it, three) == Reach{true, false});
  CHECK(reach(rule_on(1, brokers, Way::out), to_it, three) == Reach{false, true});
  CHECK(reach(rule_on(1, brokers, Way::in), from_it, three) == Reach{false, true});
  CHECK(reach(rule_on(1, brokers, Way::out), from_it, three) == Reach{true, false});
  auto requests = rule_on(1, brokers, Way::in);
  requests.requests = RequestMatch{};
  CHECK(reach(requests, to_it, three) == Reach{true, false});
  CHECK(reach(requests, from_it, three) == Reach{});
}

TEST_CASE("requests are picked by api, client, every n-th and by the seed") {
  NetworkRule what;
  what.requests = RequestMatch{.api = std::int16_t{0}, .client = "load", .every = 3};
  ActiveRule third(1, what, now());
  CHECK_FALSE(third.picks(1, "loader"));
  CHECK_FALSE(third.picks(0, "reader"));
  std::string picked;
  for (int i = 0; i < 7; ++i) picked += third.picks(0, "loader") ? '1' : '0';
  CHECK(picked == "0010010");
  const auto drawn = [](std::uint64_t seed) {
    NetworkRule some;
    some.requests = RequestMatch{.probability = 0.25, .seed = seed};
    ActiveRule rule(1, some, now());
    std::vector<bool> out;
    for (int i = 0; i < 4000; ++i) out.push_back(rule.picks(0, ""));
    return out;
  };
  const auto first = drawn(1);
  CHECK(std::abs(std::count(first.begin(), first.end(), true) - 1000) < 100);
  CHECK(first == drawn(1));
  CHECK(first != drawn(2));
}

TEST_CASE("a rule by topic knows names, and ids if it was told which") {
  NetworkRule what;
  what.requests = RequestMatch{.topic = "orders", .partition = 3};
  TopicId id{}, another{};
  id[0] = std::byte{1};
  const ActiveRule by_name(1, what, now());
  what.requests->topic_id = id;
  const ActiveRule by_id(2, what, now());
  const Partitions named{{.topic = "other", .partition = 3}, {.topic = "orders", .partition = 3}};
  const Partitions elsewhere{{.topic = "orders", .partition = 2}};
  const Partitions numbered{{.topic = "", .id = id, .partition = 3}};
  const Partitions foreign{{.topic = "", .id = another, .partition = 3}};
  for (const ActiveRule* rule : {&by_name, &by_id}) {
    CHECK(rule->fit(&named) == Fit::yes);
    CHECK(rule->fit(&elsewhere) == Fit::no);
    CHECK(rule->fit(nullptr) == Fit::unknown);
  }
  CHECK(by_name.fit(&numbered) == Fit::unknown);
  CHECK(by_id.fit(&numbered) == Fit::yes);
  CHECK(by_id.fit(&foreign) == Fit::no);
  CHECK(by_id.concerns(api::produce, "", Fit::yes));
  CHECK_FALSE(by_id.concerns(3, "", Fit::yes));  // Metadata names no partitions
  CHECK_FALSE(by_id.concerns(api::produce, "", Fit::unknown));
}

TEST_CASE("a jitter is drawn around the delay, and never before its start") {
  NetworkRule what;
  what.by = milliseconds(10);
  what.jitter = milliseconds(4);
  ActiveRule rule(1, what, now());
  nanoseconds least = seconds(1), most{0};
  for (int i = 0; i < 1000; ++i) {
    const auto delay = rule.draw_delay();
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  CHECK(least >= milliseconds(6));
  CHECK(least < milliseconds(7));
  CHECK(most <= milliseconds(14));
  CHECK(most > milliseconds(13));
}

TEST_CASE("a bucket lets its rate pass, whatever the pieces") {
  Bucket bucket(1'000'000);
  const Instant start = from_ns(1'000'000'000);
  Instant at = start;
  std::size_t all = 0;
  while (at < start + seconds(2)) {
    const auto grant = bucket.grant(at);
    const std::size_t taken = std::min<std::size_t>(grant.bytes, 3000);
    bucket.take(taken);
    all += taken;
    at = grant.bytes == 0 ? grant.next : at + std::chrono::microseconds(100);
  }
  CHECK(all > 1'950'000);
  CHECK(all < 2'020'000);
}

TEST_CASE("rules that were removed are still counted") {
  RuleBook book;
  const auto rule = std::make_shared<ActiveRule>(7, NetworkRule{}, now());
  CHECK(book.add(rule) == 1);
  rule->bytes = 12;
  CHECK(book.remove(7) == 2);
  CHECK(book.remove(7) == 2);
  CHECK(book.current().rules->empty());
  CHECK(book.counted(7)->bytes == 12);
  CHECK_FALSE(book.counted(8));
}

}  // namespace
}  // namespace seatrial::proxy
