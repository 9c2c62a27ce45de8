// Bytes through the proxy: unchanged without rules, and as each rule says with one.
#include "unit/proxy/rig.hpp"

#include <tuple>

namespace seatrial::proxy::test {
namespace {

using Effect = NetworkRule::Effect;

constexpr std::int16_t metadata = 3;

ApiCounters counted(const Proxy& proxy, std::int16_t api) {
  for (const auto& listener : proxy.counters()) {
    for (const auto& one : listener.apis) {
      if (one.api == api) return one;
    }
  }
  return {};
}

TEST_CASE("what nobody acts on passes unchanged, however it is cut into pieces") {
  Rig rig;
  const Peer peer(rig.client_port);
  const Bytes frame = request(metadata, 1, 200);
  for (const std::byte& one : frame) REQUIRE(peer.write({&one, 1}));
  const auto response = peer.response();
  REQUIRE(response);
  CHECK(response->correlation == 1);
  CHECK(response->body.size() == frame.size() - 8);
  Bytes many;
  for (int i = 0; i < 500; ++i) {
    const Bytes next = request(metadata, 100 + i, static_cast<std::size_t>(i));
    many.insert(many.end(), next.begin(), next.end());
  }
  bool written = false;
  std::jthread writer([&] { written = peer.write(many); });
  for (int i = 0; i < 500; ++i) {
    const auto one = peer.response();
    REQUIRE(one);
    REQUIRE(one->correlation == 100 + i);
  }
  writer.join();
  CHECK(written);
  const auto seen = counted(*rig.proxy, metadata);
  CHECK(seen.requests == 501);
  CHECK(seen.responses == 501);
  CHECK(seen.bytes_in == frame.size() + many.size());
  CHECK(rig.proxy->counters()[0].unmatched == 0);
  CHECK(rig.proxy->counters()[0].bytes_in == seen.bytes_in);
  CHECK(rig.proxy->counters()[0].bytes_out == seen.bytes_out);
}

TEST_CASE("a large frame passes, and a produce without acks awaits nothing") {
  Rig rig;
  const Peer peer(rig.client_port);
  constexpr std::size_t size = 100'000'000;
  bool written = false;
  std::jthread writer([&] { written = peer.write(request(metadata, 1, size)); });
  const auto response = peer.response();
  REQUIRE(response);
  CHECK(response->body.size() > size);
  writer.join();
  CHECK(written);
  kafka::wire::Writer body;  // acks 0, behind no transactional id
  body.int16(api::produce).int16(3).int32(2).string("tester").int16(-1).int16(0).int32(1000);
  kafka::wire::Writer frame;
  frame.int32(static_cast<std::int32_t>(body.bytes().size())).append(body.bytes());
  REQUIRE(peer.write(frame.bytes()));
  REQUIRE(peer.write(request(metadata, 3, 10)));
  CHECK(peer.response()->correlation == 3);
  CHECK(rig.proxy->counters()[0].unmatched == 0);
  CHECK(counted(*rig.proxy, api::produce).requests == 1);
}

TEST_CASE("a cut holds what is sent until it is healed, in the way it says") {
  const Way way = GENERATE(Way::in, Way::out, Way::both);
  Rig rig;
  const Peer peer(rig.client_port);
  REQUIRE(peer.write(request(metadata, 1, 10)));
  REQUIRE(peer.response());
  const auto rule = rig.proxy->add(Rig::rule(Effect::stall, way));
  REQUIRE(peer.write(request(metadata, 2, 10)));
  CHECK_FALSE(peer.response(milliseconds(100)));
  CHECK(rig.server.requests == (way == Way::out ? 2 : 1));
  CHECK(rig.proxy->counted(rule).connections == 1);
  CHECK(rig.proxy->counted(rule).bytes > 0);
  const Peer late(rig.client_port);
  REQUIRE(late.write(request(metadata, 3, 10)));
  CHECK_FALSE(late.response(milliseconds(100)));
  rig.proxy->remove(rule);
  CHECK(peer.response()->correlation == 2);
  CHECK(late.response()->correlation == 3);
  CHECK(rig.proxy->counted(rule).connections == 2);
}

TEST_CASE("a cut between brokers knows them by their client ids") {
  Rig rig;
  NetworkRule rule = Rig::rule(Effect::stall);
  rule.peers = {.nodes = {NodeId(2)}};
  const auto id = rig.proxy->add(rule);
  const Peer second(rig.replication_port), third(rig.replication_port);
  REQUIRE(second.write(request(metadata, 1, 10, "broker-2-fetcher-0")));
  REQUIRE(third.write(request(metadata, 2, 10, "broker-3-fetcher-0")));
  CHECK(third.response()->correlation == 2);
  CHECK_FALSE(second.response(milliseconds(100)));
  rig.proxy->remove(id);
  CHECK(second.response()->correlation == 1);
}

TEST_CASE("a delay is added in each way, and keeps the order") {
  Rig rig;
  const Peer peer(rig.client_port);
  auto rule = Rig::rule(Effect::delay);
  rule.by = milliseconds(40);
  rule.jitter = milliseconds(20);
  const auto id = rig.proxy->add(rule);
  const Instant begun = now();
  for (int i = 0; i < 10; ++i) REQUIRE(peer.write(request(metadata, i, 10)));
  for (int i = 0; i < 10; ++i) CHECK(peer.response()->correlation == i);
  CHECK(now() - begun >= milliseconds(40));
  CHECK(now() - begun < milliseconds(2000));
  CHECK(rig.proxy->counted(id).bytes > 0);
  rig.proxy->remove(id);
  REQUIRE(peer.write(request(metadata, 11, 10)));
  CHECK(peer.response(milliseconds(1000)));
}

TEST_CASE("a limit is kept over all connections together") {
  Rig rig;
  auto rule = Rig::rule(Effect::limit, Way::in);
  rule.bytes_per_s = 400'000;
  std::ignore = rig.proxy->add(rule);
  const Peer first(rig.client_port), second(rig.client_port);
  const Instant begun = now();
  bool answered = false;
  std::jthread other(
      [&] { answered = second.write(request(metadata, 2, 100'000)) && second.response(); });
  REQUIRE(first.write(request(metadata, 1, 100'000)));
  CHECK(first.response());
  other.join();
  CHECK(answered);
  CHECK(now() - begun >= milliseconds(450));
  CHECK(now() - begun < milliseconds(3000));
}

TEST_CASE("a reset ends connections, and those that are made meanwhile") {
  Rig rig;
  const Peer peer(rig.client_port);
  REQUIRE(peer.write(request(metadata, 1, 10)));
  REQUIRE(peer.response());
  const auto rule = rig.proxy->add(Rig::rule(Effect::reset));
  CHECK(peer.at_end());
  const Peer meanwhile(rig.client_port);
  CHECK(meanwhile.at_end());
  CHECK(rig.proxy->counted(rule).connections == 2);
  rig.proxy->remove(rule);
  const Peer after(rig.client_port);
  REQUIRE(after.write(request(metadata, 2, 10)));
  CHECK(after.response());
}

TEST_CASE("a black hole takes what is sent, and resets when it is over") {
  Rig rig;
  const Peer peer(rig.client_port);
  REQUIRE(peer.write(request(metadata, 1, 10)));
  REQUIRE(peer.response());
  const auto rule = rig.proxy->add(Rig::rule(Effect::discard));
  REQUIRE(peer.write(request(metadata, 2, 30'000'000)));  // no buffer is full
  CHECK(rig.server.requests == 1);
  CHECK(rig.proxy->counted(rule).bytes > 10'000'000);
  rig.proxy->remove(rule);
  CHECK(peer.at_end());
}

TEST_CASE("a half open connection swallows what is sent, new ones work") {
  Rig rig;
  const Peer peer(rig.client_port);
  REQUIRE(peer.write(request(metadata, 1, 10)));
  REQUIRE(peer.response());
  const auto rule = rig.proxy->add(Rig::rule(Effect::half_open));
  REQUIRE(peer.write(request(metadata, 2, 10)));
  CHECK_FALSE(peer.readable(milliseconds(100)));
  const Instant deadline = now() + seconds(5);
  while (rig.server.ended == 0 && now() < deadline) std::this_thread::sleep_for(milliseconds(1));
  CHECK(rig.server.ended == 1);
  const Peer other(rig.client_port);
  REQUIRE(other.write(request(metadata, 3, 10)));
  CHECK(other.response());
  CHECK(rig.proxy->counted(rule).connections == 1);
  rig.proxy->remove(rule);
  CHECK(peer.at_end());
}

TEST_CASE("requests are dropped, and so are responses") {
  const bool response = GENERATE(false, true);
  Rig rig;
  const Peer peer(rig.client_port);
  auto rule = Rig::request_rule(Effect::drop, metadata);
  if (response) rule.way = Way::out;
  rule.requests->every = 2;
  const auto id = rig.proxy->add(rule);
  Bytes four;
  for (int i = 1; i <= 4; ++i) {
    const Bytes next = request(metadata, i, 50'000);
    four.insert(four.end(), next.begin(), next.end());
  }
  REQUIRE(peer.write(four));
  CHECK(peer.response()->correlation == 1);
  CHECK(peer.response()->correlation == 3);
  CHECK_FALSE(peer.response(milliseconds(100)));
  CHECK(rig.server.requests == (response ? 4 : 2));
  CHECK(rig.proxy->counted(id).requests == 2);
  CHECK(rig.proxy->counters()[0].unmatched == 0);
}

TEST_CASE("a held request is late, and so is what follows") {
  Rig rig;
  const Peer peer(rig.client_port);
  auto rule = Rig::request_rule(Effect::hold, metadata);
  rule.by = milliseconds(100);
  rule.requests->every = 2;
  const auto id = rig.proxy->add(rule);
  const Instant begun = now();
  for (int i = 1; i <= 3; ++i) REQUIRE(peer.write(request(metadata, i, 1000)));
  CHECK(peer.response()->correlation == 1);
  CHECK(now() - begun < milliseconds(100));
  CHECK(peer.response()->correlation == 2);
  CHECK(now() - begun >= milliseconds(100));
  CHECK(peer.response()->correlation == 3);
  CHECK(rig.proxy->counted(id).requests == 1);
}

TEST_CASE("a duplicated request comes twice and is answered once") {
  Rig rig;
  const Peer peer(rig.client_port);
  std::ignore = rig.proxy->add(Rig::request_rule(Effect::duplicate, metadata));
  REQUIRE(peer.write(request(metadata, 1, 300'000)));
  CHECK(peer.response()->correlation == 1);
  REQUIRE(peer.write(request(18, 2, 10)));
  CHECK(peer.response()->correlation == 2);
  CHECK(rig.server.requests == 3);
  CHECK(rig.proxy->counters()[0].unmatched == 0);
}

// A ListOffsets request for one partition.
Bytes offsets_request(std::int32_t correlation, std::string_view topic, std::int32_t partition,
                      std::size_t padding = 0) {
  kafka::wire::Writer body;
  body.int16(2).int16(1).int32(correlation).string("tester").int32(-1).int32(1);
  body.string(topic).int32(1).int32(partition).int64(-1).append(Bytes(padding));
  kafka::wire::Writer frame;
  frame.int32(static_cast<std::int32_t>(body.bytes().size())).append(body.bytes());
  return frame.take();
}

TEST_CASE("requests are chosen by topic and partition, and so are responses") {
  const bool response = GENERATE(false, true);
  const std::size_t padding = GENERATE(0U, 400'000U);  // in one piece, and in several
  Rig rig;
  const Peer peer(rig.client_port);
  auto rule = Rig::request_rule(Effect::drop, 2);
  if (response) rule.way = Way::out;
  rule.requests->api = std::nullopt;
  rule.requests->topic = "orders";
  rule.requests->partition = 3;
  const auto id = rig.proxy->add(rule);
  Bytes all;
  const auto ask = [&](const Bytes& next) { all.insert(all.end(), next.begin(), next.end()); };
  ask(offsets_request(1, "orders", 3, padding));
  ask(offsets_request(2, "orders", 1, padding));
  ask(offsets_request(3, "other", 3, padding));
  ask(request(metadata, 4, 10));  // of no topic
  ask(offsets_request(5, "orders", 3, padding));
  ask(offsets_request(6, "orders", 2, padding));
  bool written = false;
  std::jthread writer([&] { written = peer.write(all); });
  for (const int expected : {2, 3, 4, 6}) CHECK(peer.response()->correlation == expected);
  writer.join();
  CHECK(written);
  CHECK(rig.server.requests == (response ? 6 : 4));
  CHECK(rig.proxy->counted(id).requests == 2);
  CHECK(rig.proxy->counted(id).unread == 0);
  CHECK(rig.proxy->counters()[0].unmatched == 0);
}

TEST_CASE("of whom nobody can tell the topic, the rule is not about, and counts it") {
  Rig rig;
  const Peer peer(rig.client_port);
  auto rule = Rig::request_rule(Effect::drop, 2);
  rule.requests->topic = "orders";
  const auto id = rig.proxy->add(rule);
  Bytes future = offsets_request(1, "orders", 0);
  kafka::wire::store_big_endian<std::int16_t>(future.data() + 6, 99);
  REQUIRE(peer.write(future));
  CHECK(peer.response()->correlation == 1);
  CHECK(rig.proxy->counted(id) == RuleCounters{.unread = 1});
}

TEST_CASE("a chosen request is overtaken by the next, and its client sees no disorder") {
  Rig rig;
  const Peer peer(rig.client_port);
  auto rule = Rig::request_rule(Effect::reorder, metadata);
  rule.by = seconds(20);
  rule.requests->every = 3;
  const auto id = rig.proxy->add(rule);
  const std::size_t size = GENERATE(10U, 300'000U);
  Bytes all;
  for (int i = 1; i <= 7; ++i) {
    const Bytes next = request(i == 4 ? api::heartbeat : metadata, i, size);
    all.insert(all.end(), next.begin(), next.end());
  }
  bool written = false;
  std::jthread writer([&] { written = peer.write(all); });
  for (int i = 1; i <= 7; ++i) {
    const auto one = peer.response();
    REQUIRE(one);
    CHECK(one->correlation == i);
    CHECK(one->body.size() > size);
  }
  writer.join();
  CHECK(written);
  // The third waited for the next of its kind, which was the fifth; the sixth that counted was 7.
  CHECK(rig.server.order() == std::vector<std::int32_t>{1, 2, 4, 5, 3, 6, 7});
  CHECK(rig.proxy->counted(id).requests == 1);
  CHECK(rig.proxy->counters()[0].unmatched == 0);
}

TEST_CASE("a chosen request that nobody overtakes passes as it was") {
  const bool healed = GENERATE(false, true);
  Rig rig;
  const Peer peer(rig.client_port);
  auto rule = Rig::request_rule(Effect::reorder, metadata);
  rule.by = healed ? seconds(20) : milliseconds(100);
  const auto id = rig.proxy->add(rule);
  const Instant begun = now();
  REQUIRE(peer.write(request(metadata, 1, 1000)));
  if (healed) {
    CHECK_FALSE(peer.response(milliseconds(100)));
    rig.proxy->remove(id);
  }
  CHECK(peer.response()->correlation == 1);
  CHECK(now() - begun >= milliseconds(100));
  CHECK(rig.proxy->counted(id).requests == 0);
  REQUIRE(peer.write(request(api::heartbeat, 2, 10)));
  CHECK(peer.response()->correlation == 2);
  CHECK(rig.proxy->counters()[0].unmatched == 0);
}

TEST_CASE("a refused request is answered in its turn and never passed on") {
  Rig rig;
  const Peer peer(rig.client_port);
  auto rule = Rig::request_rule(Effect::answer, api::heartbeat);
  rule.error = 27;
  std::ignore = rig.proxy->add(rule);
  Bytes three = request(metadata, 1, 200'000);
  const Bytes refused = request(api::heartbeat, 2, 10), last = request(metadata, 3, 10);
  three.insert(three.end(), refused.begin(), refused.end());
  three.insert(three.end(), last.begin(), last.end());
  REQUIRE(peer.write(three));
  CHECK(peer.response()->correlation == 1);
  const auto answer = peer.response();
  REQUIRE(answer);
  CHECK(answer->correlation == 2);
  CHECK(answer->body == Bytes{std::byte{0}, std::byte{27}});
  CHECK(peer.response()->correlation == 3);
  CHECK(rig.server.requests == 2);
}

TEST_CASE("what the node does not take is not read, and passes later") {
  Rig rig;
  rig.server.reads = false;
  const Peer peer(rig.client_port);
  const std::size_t taken = peer.fill(200'000'000);
  CHECK(taken < 60'000'000);  // what the kernel holds for two connections, and one read
  CHECK(rig.proxy->counters()[0].bytes_in < taken);
  rig.server.reads = true;
}

TEST_CASE("one side's end is passed on, and the other side goes on") {
  Rig rig;
  const Peer peer(rig.client_port);
  REQUIRE(peer.write(request(metadata, 1, 1000)));
  peer.end_writing();
  CHECK(peer.response()->correlation == 1);
  CHECK(peer.at_end());
  CHECK(rig.server.ended == 1);
}

TEST_CASE("a node that is not there ends the connection") {
  int gone = 0;
  {
    FrameServer server;
    gone = server.port();
  }
  clusters::ReservedPorts reserved(1);
  const int port = reserved.ports()[0];
  reserved.release();
  Proxy proxy({{.node = node_of_rig, .listener = Listener::client, .port = port, .target = gone}},
              {});
  const Peer peer(port);
  CHECK(peer.at_end());
}

TEST_CASE("connections that go around the proxy are seen, its own are not") {
  Rig rig;
  const Peer through(rig.client_port);
  REQUIRE(through.write(request(metadata, 1, 10)));
  REQUIRE(through.response());
  CHECK(rig.proxy->bypassing().empty());
  const Peer around(rig.server.port());
  CHECK(rig.proxy->bypassing().size() == 2);  // of both listeners, which lead to one server here
  CHECK(
      dialled_from("  0: 0100007F:8000 0100007F:1F90 01 x\n  1: 0100007F:8001 0100007F:1F90 06 x\n"
                   "  2: 0100007F:1F90 0100007F:8000 01 x\n  3: 0100007F:8002 0200007F:1F90 01 x",
                   0x1F90) == std::vector<std::uint16_t>{0x8000});
}

}  // namespace
}  // namespace seatrial::proxy::test
