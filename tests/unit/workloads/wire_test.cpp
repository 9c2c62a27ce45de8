// What a wire lane takes and refuses of properties, and that the batches it stamps again hold the
// same as those that it encodes anew.
#include <random>

#include "client/workload.hpp"
#include "core/check.hpp"
#include "core/options_refused.hpp"
#include "core/registry.hpp"
#include "kafka/wire/record_batch.hpp"
#include "ledger/identity.hpp"
#include "support/catch.hpp"
#include "workloads/wire_batch.hpp"
#include "workloads/wire_options.hpp"

using namespace seatrial;
using namespace seatrial::workloads;

namespace {

std::vector<OptionProblem> refused(std::map<std::string, std::string> properties,
                                   const char* kind = "producer",
                                   std::map<std::string, std::string> further = {}) {
  const auto* plugin = Registry<Workload>::instance().find(kind);
  std::vector<OptionProblem> wrong;
  std::map<std::string, RawOption> given{
      {"topic", {.text = "orders", .entries = {}}},
      {"rate", {.text = "5/s", .entries = {}}},
      {"engine", {.text = "wire", .entries = {}}},
      {"properties", {.text = {}, .entries = std::move(properties), .is_map = true}}};
  for (auto& [name, text] : further) given[name] = {.text = text, .entries = {}};
  const auto options = Options::check(plugin->options, given, wrong);
  REQUIRE(wrong.empty());
  try {
    static_cast<void>(plugin->make(options)->client_properties());
  } catch (const OptionsRefused& refusal) {
    return refusal.problems;
  }
  return {};
}

constexpr std::uint32_t tag = 99;
const kafka::wire::Bytes head = kafka::wire::encode_produce_head({}, "orders");

WireEncoder encoder(std::uint32_t size, kafka::wire::Codec codec = kafka::wire::Codec::none) {
  return WireEncoder({.head = head,
                      .batch_bytes = 100'000,
                      .batch_messages = 10'000,
                      .size = size,
                      .most_size = 1000,
                      .codec = codec,
                      .trial_tag = tag,
                      .payloads = Payloads(0.5, 500, 1)});
}

// Every message of the batch, checked and in sequence.
std::vector<std::int64_t> intended_times(WireBatch& batch, const WireEncoder::Stream& stream) {
  const auto bytes = std::span(batch.bytes).first(batch.used).subspan(head.size());
  kafka::wire::seal_batch(bytes, batch.seal);
  kafka::wire::BatchScan scan(bytes);
  kafka::wire::Batch read;
  REQUIRE(scan.next(read));
  CHECK(crc_holds(read));
  kafka::wire::Decompressor decompress;
  const auto plain = decompress(read.codec, read.records);
  REQUIRE(plain);
  kafka::wire::RecordScan records(read, *plain);
  std::vector<std::int64_t> out;
  for (LogRecord record; records.next(record);) {
    ledger::Identity identity;
    REQUIRE(ledger::read(record.value, identity) == ledger::Reading::good);
    CHECK(identity.trial_tag == tag);
    CHECK(identity.stream == stream.id);
    CHECK(identity.seq.value == stream.first.value + out.size());
    out.push_back(identity.intended_ns);
  }
  CHECK(records.sound());
  return out;
}

}  // namespace

TEST_CASE("a wire lane takes a closed list of properties, and says which") {
  CHECK(refused({{"request.required.acks", "1"}, {"queue.buffering.max.ms", "5"}}).empty());
  CHECK(refused({{"acks", "1"},
                 {"linger.ms", "5"},
                 {"batch.size", "1000"},
                 {"batch.num.messages", "10"},
                 {"max.in.flight", "5"},
                 {"request.timeout.ms", "500"},
                 {"socket.timeout.ms", "5000"},
                 {"message.timeout.ms", "9000"},
                 {"queue.buffering.max.messages", "1000"},
                 {"compression.type", "zstd"}})
            .empty());
  CHECK(refused({{"security.protocol", "sasl_plaintext"},
                 {"sasl.mechanism", "SCRAM-SHA-512"},
                 {"sasl.username", "me"},
                 {"sasl.password", "secret"}})
            .empty());
  REQUIRE(refused({{"sasl.mechanism", "OAUTHBEARER"}}).size() == 1);
  const auto problems = refused({{"acks", "1"},
                                 {"ssl.crl.location", "x"},
                                 {"retries", "3"},
                                 {"compression.codec", "gzip"},
                                 {"max.in.flight", "1000"},
                                 {"client.id", "me"}});
  REQUIRE(problems.size() == 5);
  CHECK(problems[0].name == "properties.client.id");
  CHECK(problems[0].message.find("it knows no such thing; it takes acks, batch.num") !=
        std::string::npos);
  CHECK(problems[1].message.find("lz4 or zstd, not as gzip") != std::string::npos);
  CHECK(problems[2].message.find("at most 64") != std::string::npos);
  CHECK(problems[3].message.find("only with enable.idempotence") != std::string::npos);
  CHECK(problems[4].message.find("its TLS knows no such thing") != std::string::npos);
}

TEST_CASE("a transactional wire lane takes a list of its own, and does not transform") {
  CHECK(refused({{"transaction.timeout.ms", "30000"},
                 {"socket.timeout.ms", "2000"},
                 {"message.timeout.ms", "9000"},
                 {"batch.size", "1000"},
                 {"compression.type", "lz4"}},
                "transactional")
            .empty());
  const auto problems =
      refused({{"linger.ms", "5"}, {"max.in.flight", "1"}, {"retries", "3"}, {"client.id", "me"}},
              "transactional");
  REQUIRE(problems.size() == 4);
  CHECK(problems[0].message.find("it knows no such thing; it takes acks, batch.num") !=
        std::string::npos);
  CHECK(problems[0].message.find("socket.timeout.ms, transaction.timeout.ms, and how") !=
        std::string::npos);
  CHECK(problems[1].name == "properties.linger.ms");
  CHECK(problems[1].message.find("their transaction ends") != std::string::npos);
  CHECK(problems[2].message.find("one request at a time") != std::string::npos);
  CHECK(problems[3].message.find("until message.timeout.ms") != std::string::npos);
  CHECK(refused({{"transaction.timeout.ms", "30000"}}).size() == 1);  // of a plain producer

  const auto transform = refused({}, "transactional", {{"mode", "transform"}, {"input", "other"}});
  REQUIRE(transform.size() == 1);
  CHECK(transform[0].name == "engine");
  CHECK(transform[0].message.find("does not transform") != std::string::npos);
}

TEST_CASE("a transactional wire lane's settings are the client library's") {
  const auto effective = wire_properties(
      {{"transactional.id", "me"}, {"enable.idempotence", "true"}, {"socket.timeout.ms", "2000"}},
      WireLaneKind::transactional);
  CHECK(effective.at("transactional.id") == "me");
  CHECK_FALSE(effective.contains("linger.ms"));
  const WireSettings settings(effective);
  CHECK(settings.acks == ledger::Acks::all);
  CHECK(settings.transaction_timeout_ms == 60'000);
  CHECK(settings.socket_timeout_ns == 2'000'000'000);
  CHECK(settings.message_timeout_ns == 60'000'000'000);  // as long as the transaction
  CHECK(settings.max_in_flight == 1);
}

TEST_CASE("a wire lane's settings are the client library's, but for what is in flight") {
  const WireSettings plain(wire_properties({}));
  CHECK(plain.acks == ledger::Acks::all);
  CHECK_FALSE(plain.idempotent);
  CHECK(plain.max_in_flight == 5);
  CHECK(plain.linger_ns == 5'000'000);
  CHECK(plain.batch_messages == 10'000);
  CHECK(plain.batch_bytes == 1'000'000);
  CHECK(plain.request_timeout_ms == 30'000);
  CHECK(plain.message_timeout_ns == 300'000'000'000);
  CHECK(plain.queue_messages == 100'000);
  const WireSettings set(wire_properties({{"acks", "0"},
                                          {"max.in.flight", "2"},
                                          {"message.timeout.ms", "0"},
                                          {"compression.type", "lz4"}}));
  CHECK(set.acks == ledger::Acks::none);
  CHECK(set.max_in_flight == 2);
  CHECK(set.message_timeout_ns == INT64_MAX);
  CHECK(set.codec == kafka::wire::Codec::lz4);
  CHECK(wire_properties({}).contains("acks"));
  CHECK_FALSE(wire_properties({}).contains("retries"));
  CHECK(WireSettings(wire_properties({{"enable.idempotence", "true"}})).idempotent);
  CHECK_THROWS_AS(wire_properties({{"enable.idempotence", "true"}, {"acks", "1"}}), UsageError);
}

TEST_CASE("batches that are stamped again hold what was asked for, whatever was in them before") {
  std::mt19937_64 random(2);
  WireEncoder alike = encoder(100), packed = encoder(100, kafka::wire::Codec::lz4);
  WireEncoder different = encoder(0);
  const std::size_t most = alike.fit(100'000, {}).messages;
  CHECK(most > 800);
  CHECK(most < 1000);
  WireBatch stamped, compressed, each;
  for (int round = 0; round < 60; ++round) {
    const std::size_t n = 1 + random() % most;
    const WireEncoder::Stream stream{.id = StreamId(static_cast<std::uint32_t>(random() % 1000)),
                                     .first = Seq(random() % 1'000'000)};
    std::vector<std::int64_t> intended(n);
    for (auto& time : intended) time = static_cast<std::int64_t>(random() >> 1);
    for (WireBatch* batch : {&stamped, &compressed, &each}) batch->intended_ns = intended;
    alike.encode(stamped, stream, {});
    CHECK(intended_times(stamped, stream) == intended);
    CHECK(stamped.used <= head.size() + 100'000);
    packed.encode(compressed, stream, {});
    CHECK(intended_times(compressed, stream) == intended);
    std::vector<MessageShape> shapes(n);
    for (auto& shape : shapes) shape.size = 28 + static_cast<std::uint32_t>(random() % 400);
    different.encode(each, stream, shapes);
    CHECK(intended_times(each, stream) == intended);
  }
}

TEST_CASE("a batch takes as many messages as fit, and one that is larger by itself") {
  WireEncoder different = encoder(0);
  std::vector<MessageShape> shapes(1000, {.size = 1000});
  CHECK(different.fit(1000, shapes).messages == 99);
  CHECK(different.fit(1000, shapes).full);
  CHECK(different.fit(1000, shapes).filling == 99);  // which did not fit
  CHECK_FALSE(different.fit(99, shapes).full);
  CHECK(different.fit(99, shapes).missing == 1);
  CHECK(different.fit(49, shapes).missing > 1);
  CHECK(different.fit(49, shapes).missing <= 51);
  shapes[0].size = 200'000;
  CHECK(different.fit(1000, shapes).messages == 1);
  WireEncoder large({.head = head,
                     .batch_bytes = 1000,
                     .batch_messages = 10,
                     .size = 5000,
                     .payloads = Payloads(1, 5000, 1)});
  CHECK(large.fit(7, {}).messages == 1);
  CHECK(large.fit(7, {}).full);
  CHECK(large.fit(7, {}).filling == 0);
  CHECK(large.fit(0, {}).missing == 1);
}
