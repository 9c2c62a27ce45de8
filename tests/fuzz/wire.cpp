// The decoders of brokers' answers: the first byte chooses one, the second its version. Each gives
// a value or an error that can be printed, and lists no more than the bytes could hold. An answer's
// header is checked against what was asked.
#include <string>

#include "fuzz/properties.hpp"
#include "kafka/wire/fetch.hpp"
#include "kafka/wire/messages.hpp"
#include "kafka/wire/produce.hpp"
#include "kafka/wire/transaction.hpp"

using namespace seatrial;
using namespace seatrial::kafka::wire;

namespace {

template <class T, class Count>
void take(const Result<T>& answer, BytesView body, Count count) {
  if (!answer) return fuzz::require_printable(answer.error().message);
  check(count(*answer) <= body.size(), "no more elements than bytes");
}

void metadata(std::int16_t version, BytesView body) {
  take(decode_metadata(version, body), body, [](const Metadata& reported) {
    std::size_t elements = reported.brokers.size();
    for (const auto& topic : reported.topics) {
      elements += 1 + topic.name.size() + topic.partitions.size();
      for (const auto& part : topic.partitions) elements += part.replicas.size() + part.isr.size();
    }
    return elements;
  });
}

void decode(unsigned which, std::int16_t version, BytesView body) {
  const auto within = [&](VersionRange range) {
    return static_cast<std::int16_t>(range.least + version % (range.most - range.least + 1));
  };
  const auto size = [](const auto& list) { return list.size(); };
  const auto one = [](const auto&) { return std::size_t{0}; };
  const TopicPartition orders{"orders", 0};
  if (which == 0) take(decode_api_versions(body), body, size);
  if (which == 1) metadata(within(metadata_versions), body);
  if (which == 2) take(decode_list_offsets(within(list_offsets_versions), body), body, one);
  if (which == 3) take(decode_all_offsets(within(list_offsets_versions), body), body, size);
  if (which == 4) {
    take(decode_describe_quorum(body), body,
         [](const Quorum& reported) { return reported.voters.size(); });
  }
  if (which == 5) {
    take(decode_fetch(within(fetch_versions), body, orders), body, [](const FetchAnswer& reported) {
      return reported.aborted.size() + reported.records.size();
    });
  }
  if (which == 6) take(decode_produce(within(produce_versions), body, "orders", 0), body, one);
  if (which == 7) take(decode_init_producer_id(body), body, one);
  if (which == 8) take(decode_features(body), body, size);
  if (which == 9) take(decode_identity(body, "EndTxn"), body, one);
  if (which == 10) {
    take(decode_transactional_produce(body, "orders"), body,
         [](const ProducedAnswer& reported) { return reported.partitions.size(); });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const RequestHeader asked{.api = Api::metadata, .correlation = 7, .flexible = data[0] >= 128};
  const auto bytes = fuzz::bytes_of(data + 2, size - 2);
  const auto body = answer_body(bytes, asked);
  if (!body) fuzz::require_printable(body.error().message);
  decode(data[0] % 16, data[1], body ? *body : bytes);
  return 0;
}
