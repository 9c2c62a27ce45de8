// Each fault on clients: its effect is what the client says of itself, its heal ends it, and a
// client that does not obey makes it throw rather than pass.
#include <atomic>
#include <chrono>
#include <thread>

#include "core/clients.hpp"
#include "core/fault.hpp"
#include "core/target.hpp"
#include "support/catch.hpp"
#include "support/fake_cluster.hpp"
#include "support/make_fault.hpp"
#include "support/text.hpp"

namespace seatrial {
namespace {

const NodeId the_member = member_node(0, 1);

// A client that does what it is told at once, unless it is deaf.
class FakeClient final : public Clients {
 public:
  ClientConduct& conduct(NodeId client) override {
    REQUIRE(client == the_member);
    return own;
  }
  ClientConduct own;
  std::atomic<bool> deaf{false}, alone{false};

 private:
  void obey() {
    if (own.slower_by_ns > 0) ++own.slowed;
    if (own.skips_polls && own.not_polling_since_ns == 0) own.not_polling_since_ns = 1;
    if (!own.skips_polls && own.not_polling_since_ns != 0) {
      own.poll_gap_ns = 2'000'000'000;
      own.not_polling_since_ns = 0;
    }
    if (own.disconnects != own.disconnected) {
      own.shut += alone ? 0 : 3;
      own.reconnected = 2;
      own.disconnected = own.disconnects.load();
    }
  }
  std::jthread life_{[this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (!deaf) obey();
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }};
};

struct Rig {
  explicit Rig(const std::string& name, const std::string& patience = "20s") {
    cluster.fake_clients = &client;
    cluster.fake.states[the_member] = {
        .kind = ProcessState::Kind::running, .host_pid = 7, .exit_code = {}, .signal = {}};
    test::FaultWords words{{"patience", patience}};
    if (name == "slow_handler") words["by"] = "50ms";
    fault = test::make_fault(name, words);
  }
  void inject() { fault->inject(cluster, {the_member}, evidence); }
  std::string why_ineffective() {
    try {
      inject();
    } catch (const FaultIneffective& error) {
      return error.what();
    }
    return "effective";
  }
  // Twice, the second time in vain.
  void heal() {
    CHECK(fault->heal(cluster, evidence).empty());
    const auto counted = evidence.counted.size();
    CHECK(fault->heal(cluster, evidence).empty());
    CHECK(evidence.counted.size() == counted);
  }

  test::FakeCluster cluster{1};
  FakeClient client;
  std::unique_ptr<Fault> fault;
  Evidence evidence;
};

TEST_CASE("a slow handler is seen in a message, and is as fast as before when healed") {
  Rig rig("slow_handler");
  rig.inject();
  CHECK(rig.client.own.slower_by_ns == 50'000'000);
  CHECK(rig.client.own.slowed > 0);
  rig.heal();
  CHECK(rig.client.own.slower_by_ns == 0);
  REQUIRE(rig.evidence.counted.size() == 1);
  CHECK(rig.evidence.counted[0].node == the_member);
  CHECK(rig.evidence.counted[0].kind == "messages slowed");
  CHECK(rig.evidence.counted[0].value >= 1);
}

TEST_CASE("polls are skipped until heal, and the time between two of them is told") {
  Rig rig("skip_polls");
  rig.inject();
  CHECK(rig.client.own.not_polling_since_ns != 0);
  rig.heal();
  CHECK(rig.client.own.not_polling_since_ns == 0);
  REQUIRE(rig.evidence.counted.size() == 1);
  CHECK(rig.evidence.counted[0].value == 2000);
  CHECK(rig.evidence.counted[0].unit == "ms");
}

TEST_CASE("connections that were shut and made anew are counted") {
  Rig rig("disconnect");
  rig.inject();
  rig.heal();
  REQUIRE(rig.evidence.counted.size() == 2);
  CHECK(rig.evidence.counted[0].kind == "connections shut");
  CHECK(rig.evidence.counted[0].value == 3);
  CHECK(rig.evidence.counted[1].kind == "connections made anew");
  CHECK(rig.evidence.counted[1].value == 2);
}

TEST_CASE("a client that has no connection loses none") {
  Rig rig("disconnect");
  rig.client.alone = true;
  CHECK(rig.why_ineffective() == "member 1 had no connection to lose");
}

TEST_CASE("a client that does not obey, is gone or is no client makes its fault ineffective") {
  for (const std::string name : {"slow_handler", "skip_polls", "disconnect"}) {
    INFO(name);
    Rig deaf(name, "30ms");
    deaf.client.deaf = true;
    CHECK(test::contains(deaf.why_ineffective(), "member 1 "));
    CHECK(deaf.fault->heal(deaf.cluster, deaf.evidence).empty());
    CHECK_FALSE(deaf.client.own.skips_polls);
    CHECK(deaf.client.own.slower_by_ns == 0);
    Rig gone(name);
    gone.cluster.fake.signal(the_member, Signal::kill);
    CHECK(test::contains(gone.why_ineffective(), "was not running but killed by signal 9"));
    Rig nobody(name);
    nobody.cluster.fake_clients = nullptr;
    CHECK(test::contains(nobody.why_ineffective(), "has no clients in processes of their own"));
  }
}

TEST_CASE("a client that does not poll again is told of when healed, unless it is gone") {
  Rig rig("skip_polls", "500ms");
  rig.inject();
  rig.client.deaf = true;
  SECTION("it runs") {
    const auto failures = rig.fault->heal(rig.cluster, rig.evidence);
    REQUIRE(failures.size() == 1);
    CHECK(failures[0] == "member 1: it does not poll again");
  }
  SECTION("it is gone") {
    rig.cluster.fake.signal(the_member, Signal::kill);
    CHECK(rig.fault->heal(rig.cluster, rig.evidence).empty());
  }
}

}  // namespace
}  // namespace seatrial
