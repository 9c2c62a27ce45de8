// One row per variant, as console and page show it: views into the record, nothing computed. Where
// a variant has several trials, a latency or gap is the worst trial's; a latency that cannot be
// believed is shown as unknown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/view.hpp"

namespace seatrial::reports {

struct VariantRow {
  std::string name;
  View trials{};
  View acked{};
  View acked_lost{};
  View duplicate{};
  View reordered{};
  View unknown{};
  View unsent{};
  bool measured = false;      // any response at all
  bool latency_known = true;  // false: of no trial can it be believed (latency_doubts)
  View p50_ns{};   // response
  View p99_ns{};
  View p999_ns{};
  View p99_outside_ns{};  // response of messages outside of faults
  View longest_gap_ns{};
  struct Count {
    std::string header;
    View value{};
  };
  std::vector<Count> counts{};  // what else was counted, the same of every row
  struct Asked {
    std::string header;  // of tables
    std::string label;   // of cards
    View question{};     // with its meaning, what was observed, and why not
  };
  std::vector<Asked> asked{};  // what the scenario asks, the same of every row; first comes first
  View verdict{};
  View audited_trials{};
  View trials_with_loss{};
  View loss_bound{};
};

// What a variant's trials prove about loss, in one sentence; empty where none was audited. Zero
// seen is not zero.
std::string loss_statement(const VariantRow& row);

// What a question's trials gave, without how many they were.
std::string observed_text(const VariantRow::Asked& asked);
bool asks_for(const VariantRow& row, std::string_view metric);
// Losses are told where they are asked for, where there are any, and where nothing is asked.
bool shows_loss(const std::vector<VariantRow>& rows);

// From `variants`; a record too partial to have them gives a row for each trial and producer
// instead.
std::vector<VariantRow> variant_rows(const View& record);

// Names of all variants, in the order in which they stand in the record.
std::vector<std::string> variant_names(const View& record);
std::vector<View> trials_of(const View& record, const std::string& variant);
// A trial as it is headed: "acks=1", or "acks=1, repeat 2" where there are several.
std::string trial_heading(const View& record, const View& trial);
struct VariantTrials {
  std::string name;
  std::vector<View> trials;
  std::vector<std::size_t> places;  // of each among all trials
};
// In the order in which they first stand in the record.
std::vector<VariantTrials> trials_by_variant(const View& record);
// Of the trial that charts show first: the first finished one, else the first.
std::size_t shown_place(const std::vector<View>& trials);
View shown_trial(const View& record, const std::string& variant);

// Entry with this `p` of a latency object's percentiles; absent if too few samples lay beyond it.
View percentile(const View& latency, double p);
bool is_producer(const View& workload);
// What a reader has to know before any number; in the words that every renderer uses.
bool is_partial(const View& record);
bool is_evidence(const View& record);                       // false for the mock only
std::vector<std::string> closed_loops(const View& record);  // names of workloads
// Variants and workloads of which the generator was the limit.
std::vector<std::string> limited_loads(const View& record);
// Closed loops that found their connections' limit, and why, by trial.
std::vector<std::string> connection_notes(const View& record);

// Why latencies of a trial's workload cannot be believed: it was not steady, others disturbed it,
// its generator was late, or it reads too slowly; empty: they can.
std::vector<std::string> latency_doubts(const View& trial, const View& workload);
// The same of all trials, each once: `variant: why`; without generators' limits, which have words
// of their own.
std::vector<std::string> latency_cautions(const View& record);
// How long a trial warmed up, and what it waited for; empty where it was not recorded.
std::string warmup_text(const View& trial);

}  // namespace seatrial::reports
