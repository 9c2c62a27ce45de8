// Counter by counter. Numbers of a row stand in the order of their writer, to keep the text short.
#include "workers/lane_news.hpp"

#include <nlohmann/json.hpp>

namespace seatrial::workers {
namespace {

using measure::Histogram;
using measure::Metric;
using nlohmann::json;

json histogram_json(const Histogram& histogram) {
  json buckets = json::array();
  const std::size_t last = histogram.counters() - 1;
  histogram.for_each_bucket([&](const Histogram::Bucket& bucket) {
    // What lay above the range is in the last counter, and told apart below.
    const auto count = bucket.count - (bucket.index == last ? histogram.overflow() : 0);
    if (count == 0) return;
    buckets.push_back(bucket.index);
    buckets.push_back(count);
  });
  return {{"buckets", std::move(buckets)},
          {"overflow", histogram.overflow()},
          {"impossible", histogram.impossible()}};
}

Histogram read_histogram(const json& from, Histogram out) {
  const auto& buckets = from.at("buckets");
  for (std::size_t i = 0; i + 1 < buckets.size(); i += 2) {
    out.add_at(buckets[i].get<std::size_t>(), buckets[i + 1].get<std::uint64_t>());
  }
  out.record_n(INT64_MAX, from.at("overflow").get<std::uint64_t>());
  out.record_n(-1, from.at("impossible").get<std::uint64_t>());
  return out;
}

json second_json(const measure::SecondDelta& delta) {
  json latency = json::array();
  for (const auto& histogram : delta.latency) {
    latency.push_back(histogram ? histogram_json(*histogram) : json());
  }
  return {{"second", delta.second},
          {"counts",
           {delta.intended, delta.acked, delta.failed, delta.unknown, delta.consumed,
            delta.done_acked, delta.done_consumed}},
          {"latency", std::move(latency)}};
}

measure::SecondDelta read_second(const json& from) {
  measure::SecondDelta out;
  from.at("second").get_to(out.second);
  std::size_t at = 0;
  for (auto* count : {&out.intended, &out.acked, &out.failed, &out.unknown, &out.consumed,
                      &out.done_acked, &out.done_consumed}) {
    from.at("counts").at(at++).get_to(*count);
  }
  for (std::size_t m = 0; m < measure::metric_count; ++m) {
    const json& histogram = from.at("latency").at(m);
    if (histogram.is_null()) continue;
    out.latency[m] = std::make_unique<Histogram>(read_histogram(histogram, Histogram::coarse()));
  }
  return out;
}

json send_json(const ledger::SendOperation& send) {
  return {send.lane.value, send.slot,    send.stream.value,          send.seq.value,
          send.sent_ns,    send.done_ns, static_cast<int>(send.end), send.offset};
}

ledger::SendOperation read_send(const json& from) {
  return {.lane = LaneId(from.at(0).get<std::uint32_t>()),
          .slot = from.at(1).get<std::uint32_t>(),
          .stream = StreamId(from.at(2).get<std::uint32_t>()),
          .seq = Seq(from.at(3).get<std::uint64_t>()),
          .sent_ns = from.at(4).get<std::int64_t>(),
          .done_ns = from.at(5).get<std::int64_t>(),
          .end = static_cast<ledger::SendOperation::End>(from.at(6).get<int>()),
          .offset = from.at(7).get<std::int64_t>()};
}

}  // namespace

json to_json(const LaneNews& news) {
  json out{{"seconds", json::array()},
           {"spans", json::array()},
           {"errors", json::array()},
           {"sends", json::array()}};
  for (const auto& delta : news.seconds) out["seconds"].push_back(second_json(delta));
  for (const auto& span : news.acks.spans) {
    out["spans"].push_back({span.index, span.from_ns, span.to_ns});
  }
  for (const auto& error : news.acks.errors) {
    out["errors"].push_back({error.index, error.name, error.step, error.count});
  }
  for (const auto& send : news.sends) out["sends"].push_back(send_json(send));
  return out;
}

LaneNews read_news(const json& from) {
  LaneNews out;
  for (const auto& delta : from.at("seconds")) out.seconds.push_back(read_second(delta));
  for (const auto& span : from.at("spans")) {
    out.acks.spans.push_back({.index = span.at(0).get<std::size_t>(),
                              .from_ns = span.at(1).get<std::int64_t>(),
                              .to_ns = span.at(2).get<std::int64_t>()});
  }
  for (const auto& error : from.at("errors")) {
    out.acks.errors.push_back({.index = error.at(0).get<std::size_t>(),
                               .name = error.at(1).get<std::string>(),
                               .step = error.at(2).get<std::int64_t>(),
                               .count = error.at(3).get<std::uint64_t>()});
  }
  for (const auto& send : from.at("sends")) out.sends.push_back(read_send(send));
  return out;
}

json totals_of(const measure::LaneRecorder& recorder) {
  json out{{"latency", json::array()},
           {"censored", recorder.censored_count()},
           {"impossible", recorder.impossible_count()}};
  for (int m = 0; m < measure::metric_count; ++m) {
    out["latency"].push_back(histogram_json(recorder.total(static_cast<Metric>(m))));
  }
  if (recorder.plans_handovers()) out["overrun"] = histogram_json(recorder.overrun());
  return out;
}

// A consuming lane's totals are empty: the harness records what it is told of. They are left alone,
// since another thread may be adding those up.
void add_totals(const json& totals, measure::LaneRecorder& recorder) {
  for (int m = 0; m < measure::metric_count; ++m) {
    const auto total =
        read_histogram(totals.at("latency").at(static_cast<std::size_t>(m)), Histogram::latency());
    if (!total.empty()) recorder.add_total(static_cast<Metric>(m), total);
  }
  if (totals.contains("overrun")) {
    recorder.add_overrun(read_histogram(totals.at("overrun"), Histogram::latency()));
  }
  recorder.add_counts(totals.at("censored").get<std::uint64_t>(),
                      totals.at("impossible").get<std::uint64_t>());
}

}  // namespace seatrial::workers
