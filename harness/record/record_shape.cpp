// The table of the record's fields.
#include <utility>

#include "record/shape.hpp"

namespace seatrial::record {
namespace {

using Fields = std::vector<Field>;
using Kind = Shape::Kind;

const Shape text(Kind::text), whole(Kind::whole), number(Kind::number), boolean(Kind::boolean),
    any(Kind::any);

Shape list(Shape element) { return Shape::list_of(std::move(element)); }
Shape list(Fields fields) { return Shape::list_of(Shape::object(std::move(fields))); }
Shape map(Shape element) { return Shape::map_of(std::move(element)); }
Shape map(Fields fields) { return Shape::map_of(Shape::object(std::move(fields))); }
Shape object(Fields fields) { return Shape::object(std::move(fields)); }

Fields span() { return {{"from_s", number}, {"to_s", number}}; }

Fields with(Fields fields, Fields more) {
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

Shape run() {
  return object({{"id", text},
                 {"started_at", text},
                 {"finished_at", text},
                 {"resumed_at", text, "the last time that it went on, if it did"},
                 {"wall_s", number},
                 {"seed", whole},
                 {"command", text},
                 {"program", text},
                 {"interrupted", boolean}});
}

Shape scenario() {
  return object({{"path", text},
                 {"name", text},
                 {"title", text},
                 {"hypothesis", text},
                 {"text", text, "the file, secrets masked"},
                 {"warnings", list(text)}});
}

Shape cluster() {
  return object({{"kind", text},
                 {"reason", text, "why this kind"},
                 {"version", text, "of Kafka"},
                 {"brokers", whole},
                 {"controllers", whole},
                 {"combined", boolean},
                 {"log_dirs", whole, "folders of data of each broker"},
                 {"timeouts", text, "fast, kafka-defaults"},
                 {"evidence_about_kafka", boolean, "false: of the mock"}});
}

Shape environment() {
  return object({{"kernel", text},
                 {"machine", text},
                 {"cpu", text},
                 {"cores", whole},
                 {"memory_bytes", whole},
                 {"os", text},
                 {"librdkafka", text},
                 {"compiler", text},
                 {"build", text},
                 {"fit", boolean, "to measure on, as `seatrial doctor` says"},
                 {"grades", list({{"name", text},
                                  {"mark", text, "good, note, doubt, unknown"},
                                  {"observed", text},
                                  {"advice", text}})}});
}

Shape topics() {
  return list(
      {{"name", text}, {"partitions", whole}, {"replication", whole}, {"config", map(text)}});
}

Shape warmup() {
  return object({{"at_least_ns", whole},
                 {"at_most_ns", whole},
                 {"lasted_ns", whole},
                 {"steady", boolean, "by the rule of judge/steady.hpp"},
                 {"waited_for", list({{"workload", text},
                                      {"seconds", whole},
                                      {"last", text, "what was not steady, the last time"}})}});
}

Fields distribution() {
  return {{"count", whole},
          {"censored", whole, "messages never answered: they count with their age"},
          {"overflow", whole},
          {"mean_ns", whole},
          {"max_ns", whole},
          {"percentiles",
           list({{"p", number},
                 {"ns", whole},
                 {"most_ns", whole,
                  "had the censored been the longest of all; absent: without limit"}}),
           "only those with 10 samples beyond, or more"}};
}

Shape latency() {
  return map(with(distribution(), {{"curve", list({{"p", number}, {"ns", whole}}),
                                    "for the percentile chart, p ascending"}}));
}

Shape group() {
  const Field members{
      "members",
      list({{"member", whole},
            {"handed", whole},
            {"refused_commits", map(whole), "by the error; of share groups: acknowledgements"},
            {"torn_records", whole},
            {"without_report", whole, "processes that were killed before they could report"},
            {"events", list({{"t_s", number},
                             {"event", text,
                              "started, joined, assigned, revoked, lost, paused, resumed, leaving, "
                              "commit refused, ended"},
                             {"partitions", list(whole)},
                             {"text", text}})}})};
  return object({{"share", boolean, "a share group: its members own nothing"},
                 members,
                 {"longest_unowned_ns", whole},
                 {"partitions", list({{"partition", whole},
                                      {"longest_unowned_ns", whole},
                                      {"owners", list(with(span(), {{"member", whole}}))},
                                      {"unowned", list(span()),
                                       "within measure: nobody alive and moving owned it"}})}});
}

Shape totals() {
  return Shape::object({{"intended", whole, "of producers, as the next five"},
                        {"sent", whole},
                        {"acked", whole},
                        {"failed", whole},
                        {"unknown", whole},
                        {"unsent", whole},
                        {"consumed", whole, "of consumers, as what follows"},
                        {"distinct", whole},
                        {"redelivered", whole},
                        {"undelivered", whole, "in the log, never handed over"},
                        {"read_to_end", boolean, "every partition, after the load had ended"},
                        {"unread_reason", text},
                        {"longest_lag_ns", whole},
                        {"members_served", whole, "of groups"},
                        {"refused_commits", whole},
                        {"revoked", whole}},
                       any);
}

Shape workloads() {
  return list(
      {{"name", text},
       {"kind", text},
       {"engine", text, "librdkafka, wire"},
       {"client", text, "as loaded, by its own word"},
       {"client_library", text, "as asked for; absent: the one that the program is linked to"},
       {"lanes", whole},
       {"loop", text, "of producers: open; closed for rate max"},
       {"offered_per_s", number, "the mean over measure of what the schedule holds"},
       {"message_bytes", number, "of producers: the mean by the scenario"},
       {"totals", totals(), "beside these, those that the workload's facts count"},
       {"latency", latency(),
        "of messages intended within measure; producers: response, service, lateness; consumers: "
        "end_to_end"},
       {"latency_outside_faults", map(distribution()), "two digits; absent if there was no fault"},
       {"wake_ns", whole, "of lateness, at most so much is the lanes' own rule; absent: none"},
       {"generator_limited", text, "why, if it was: then no latency of this load is judged"},
       {"falls_behind", text, "of what reads, and did not catch up in warm-up: the same"},
       {"backpressure_ns", whole, "the clients' queues were full"},
       {"throttle_ns", whole, "brokers held the clients back"},
       {"errors", list({{"partition", whole}, {"error", text}, {"count", whole}})},
       {"commit_refusals", map(whole), "of transactions, by the client's error"},
       {"effective_config", map(text)},
       {"notes", list(text)},
       {"group", group(), "of workloads whose members are processes"}});
}

Shape series() {
  const Shape second =
      object({{"count", whole}, {"p50_ns", whole}, {"p99_ns", whole}, {"max_ns", whole}});
  return list({{"workload", text},
               {"points", list({{"t_s", number},
                                {"length_s", whole,
                                 "of a long run: so many seconds are joined in it; absent: one"},
                                {"intended", whole, "in this second, and what became of them"},
                                {"acked", whole},
                                {"failed", whole},
                                {"unknown", whole},
                                {"consumed", whole},
                                {"done_acked", whole, "arrived in it, whenever intended"},
                                {"done_consumed", whole},
                                {"done_acked_least", whole, "in any of the joined seconds"},
                                {"done_acked_most", whole},
                                {"done_consumed_least", whole},
                                {"done_consumed_most", whole},
                                {"response", second},
                                {"service", second},
                                {"lateness", second},
                                {"end_to_end", second}})}});
}

Shape evidence() {
  const Fields node{{"node", whole, "or a member"},
                    {"member", whole},
                    {"pid", whole},
                    {"asked_s", number},
                    {"seen_s", number},
                    {"undone_s", number},
                    {"before", text},
                    {"after", text},
                    {"held_ns", whole, "from seen to undone, by the states of the process"}};
  const Fields counted{
      {"node", whole},   {"member", whole}, {"kind", text, "such as bytes dropped"},
      {"value", number}, {"unit", text},    {"at_s", number}};
  const Fields partition{
      {"topic", text},
      {"partition", whole},
      {"leader_before", whole},
      {"leader_after", whole},
      {"isr_before", list(whole)},
      {"isr_after", list(whole)},
      {"last_ack_before_s", number, "before the fault was asked for; absent: never acked"},
      {"first_ack_after_s", number, "after its effect was seen; absent: none came"},
      {"longest_gap", object(span()), "without acks, in this fault's window"},
      {"errors", map(whole), "that clients got in this fault's window"}};
  return object({{"nodes", list(node)},
                 {"counted", list(counted)},
                 {"facts", list(text), "what the system said, a sentence each"},
                 {"partitions", list(partition)}});
}

Shape faults() {
  return list({{"index", whole},
               {"action", text},
               {"effect", text, "held, ended, killed, unpowered, none"},
               {"target", text},
               {"nodes", list(whole), "empty where the target is a member"},
               {"trigger", text},
               {"status", text, "effective, ineffective, not_fired, conflict, failed"},
               {"error", text},
               {"name", text, "by which other triggers refer to it"},
               {"came_s", number, "when its trigger was seen to have come"},
               {"injection_error_ns", whole,
                "from the last moment at which the trigger may have been met to the action"},
               {"injected_s", number},
               {"healed_s", number},
               {"evidence", evidence()}});
}

Shape audit() {
  const Shape partition = Shape::object({{"topic", text},
                                         {"partition", whole},
                                         {"log_start", whole},
                                         {"log_end", whole},
                                         {"read", whole},
                                         {"complete", boolean},
                                         {"reason", text},
                                         {"last_stable_offset", whole},
                                         {"control_batches", whole, "by wire only"},
                                         {"aborted", whole, "messages of aborted transactions"},
                                         {"acked", whole}},
                                        whole);
  return object({{"status", text, "complete; incomplete: the verdict is unknown"},
                 {"reason", text},
                 {"undecided", list(text), "why messages can be called neither lost nor fine"},
                 {"reader", text, "wire, librdkafka"},
                 {"reader_reason", text, "why not wire"},
                 {"not_checked", list(text), "what that reader cannot check"},
                 {"duration_ns", whole},
                 {"failed_checkers", map(text), "why; what they count is absent from totals"},
                 {"messages_read", whole},
                 {"full_isr_after_ns", whole},
                 {"totals", map(whole), "of each checker that counts, by its name"},
                 {"offset_blocks", object({{"compared", whole}, {"undecided", whole}}),
                  "acked offsets against found ones"},
                 {"expired", whole, "acked, and deleted by retention"},
                 {"partitions", list(partition), "with checkers' counts above 0"}});
}

Shape contract() {
  return object(
      {{"workloads", map({{"acks", text}, {"idempotent", boolean}, {"max_in_flight", whole}})},
       {"topics", map({{"min_insync_replicas", whole},
                       {"replication", whole},
                       {"unclean_leader_election", boolean},
                       {"deleted", boolean, "meanwhile, by a fault; absent: it was not"},
                       {"cleanup_policy", text},
                       {"retention_ms", whole, "absent: without limit"},
                       {"retention_bytes", whole},
                       {"delete_retention_ms", whole}})}});
}

Shape findings() {
  return list({{"anomaly", text},
               {"workload", text},
               {"topic", text},
               {"partition", whole, "absent: of a group, over its topic"},
               {"count", whole},
               {"allowance", text, "violation, expected, neutral"},
               {"why", text},
               {"examples", list({{"stream", whole},
                                  {"seq", whole},
                                  {"partition", whole},
                                  {"offset", whole},
                                  {"note", text}})}});
}

Shape generator() {
  const Fields hiccups{{"hiccup_p999_ns", whole}, {"hiccup_max_ns", whole}};
  return object(
      with({{"limited", boolean, "any of its loads"},
            {"reason", text},
            {"lateness_p99_ns", whole},
            {"overrun_p99_ns", whole, "lateness without what lanes held back by `wake`"},
            {"cores", list(with({{"core", whole}}, hiccups))},
            {"foreign_cores", number, "that others than this run's processes used, in measure"},
            {"taken_share", number,
             "of all cores' time in measure, by others; absent: too little to disturb"},
            {"busy_share", number, "of all cores' time, as the next"},
            {"steal_share", number},
            {"pressure_share", number, "of the time some task waited for a core"},
            {"memory_pressure_share", number},
            {"io_pressure_share", number},
            {"disk_busy_share", number, "of the disk that had requests under way most"},
            {"cpu_s", number, "of the harness and its lanes' processes"},
            {"voluntary_switches", whole},
            {"involuntary_switches", whole},
            {"backpressure_ns", whole},
            {"throttle_ns", whole},
            {"impossible_samples", whole}},
           hiccups));
}

Shape machine() {
  return list(
      {{"t_s", number},
       {"busy", number, "shares of the second"},
       {"steal", number},
       {"cpu_pressure", number},
       {"memory_pressure", number},
       {"io_pressure", number},
       {"disk_busy", number},
       {"generator_cpu", number, "cores"},
       {"voluntary_switches", whole},
       {"involuntary_switches", whole},
       {"backpressure_ns", whole},
       {"throttle_ns", whole},
       {"unreplicated", whole, "most messages above the high watermark"},
       {"behind", list(list(whole)), "[node, messages]: most below the leaders' ends, by follower"},
       {"cached_bytes", whole, "page cache at its end"},
       {"dirty_bytes", whole},
       {"generator_rss_bytes", whole, "of the harness, lanes in processes of their own left out"},
       {"hiccup_ns", whole, "the longest"},
       {"length_s", whole, "of a long run: so many seconds are joined in it; absent: one"},
       {"busy_max", number, "of any of the joined seconds"},
       {"steal_max", number}});
}

constexpr const char* request_parts[] = {"total",          "queue",         "local",   "remote",
                                         "response_queue", "response_send", "throttle"};

Shape broker_series() {
  Fields request{{"count", whole}, {"total_p99_ns", whole}};
  for (const char* part : request_parts) request.push_back({std::string(part) + "_ns", whole});
  return list({{"node", whole},
               {"t_s", number},
               {"length_s", whole, "as above: seconds in which the node was sampled"},
               {"cpu", number, "cores"},
               {"cpu_max", number, "of any of the joined seconds"},
               {"rss_bytes", whole, "the most"},
               {"major_faults", whole},
               {"read_bytes", whole, "from disks, none from tmpfs"},
               {"write_bytes", whole},
               {"net_in_bytes", whole, "of containers their network's; of local brokers by JMX"},
               {"net_out_bytes", whole},
               {"flushes", whole, "fsyncs of segments; by JMX, as the next"},
               {"under_replicated", whole},
               {"isr_shrinks", whole},
               {"request_queue", whole, "requests that wait for a thread, at its end"},
               {"handler_idle", number, "share of the request handlers' time"},
               {"network_idle", number, "the same of network threads, of the listener with least"},
               {"requests", map(request),
                "produce, fetch_consumer, fetch_follower; means of the second's requests"}});
}

Shape brokers() {
  Fields request{{"count", whole}};
  for (const char* part : request_parts) {
    request.push_back(
        {part, object({{"mean_ns", whole}, {"p99_ns", whole, "over minutes, by the broker"}})});
  }
  return list({{"node", whole},
               {"role", text},
               {"seconds", whole},
               {"cpu", number, "mean of measure, in cores"},
               {"cpu_max", number},
               {"rss_max_bytes", whole},
               {"major_faults", whole},
               {"read_bytes", whole},
               {"write_bytes", whole},
               {"net_in_bytes", whole},
               {"net_out_bytes", whole},
               {"flushes", whole},
               {"under_replicated_max", whole},
               {"isr_shrinks", whole},
               {"request_queue_max", whole},
               {"handler_idle", number, "means of its seconds, by JMX"},
               {"network_idle", number},
               {"requests", map(request), "of the node's last process in measure"},
               {"gc",
                object({{"count", whole},
                        {"full", whole},
                        {"total_ns", whole},
                        {"max_ns", whole},
                        {"pauses", list(list(number)), "[at_s, ns]"}}),
                "of the JVM's own log"}});
}

Shape bound() {
  return object({{"name", text},
                 {"strength", number, "of its limit"},
                 {"evidence", text},
                 {"needs", text, "what would move it, where that can be told"}});
}

// What passed the proxy.
Shape network() {
  return list({{"node", whole},
               {"listener", text, "client, replication, controller"},
               {"connections", whole},
               {"bytes_in", whole, "as the node sees them"},
               {"bytes_out", whole},
               {"apis", list({{"api", text},
                              {"requests", whole},
                              {"responses", whole},
                              {"bytes_in", whole},
                              {"bytes_out", whole}})}});
}

Shape nodes() {
  return list({{"id", whole},
               {"role", text, "broker, controller, combined"},
               {"address", text},
               {"pid", whole}});
}

Fields trial() {
  return {
      {"index", whole},
      {"variant", text},
      {"axes", map(text)},
      {"repeat", whole},
      {"seed", whole},
      {"status", text, "running, finished, error"},
      {"error", text, "of status error"},
      {"refused", boolean, "of status error: the brokers do not take the scenario's settings"},
      {"verdict", text, "pass, fail, unknown, invalid"},
      {"reasons", list(text)},
      {"started_at", text},
      {"cluster_up_s", number, "since the trial began"},
      {"first_ack_s", number, "the same"},
      {"nodes", nodes()},
      {"kept", object({{"bootstrap", text}, {"protocol", text}}),
       "with --keep-cluster: where the brokers went on listening"},
      {"leftovers", list(text), "what could not be taken down"},
      {"topics", topics()},
      {"quotas", map(number), "of each client.id on each broker, lifted before the audit"},
      {"effective_broker_config", map(text)},
      {"cluster_facts", map(text)},
      {"network", network(), "until the end of measure; absent: there is no proxy"},
      {"warmup", warmup()},
      {"calibration_ns", number, "of a gate: a control, measured before the trial"},
      {"connection_limited", map(text),
       "by workload: why a closed loop found its connections' limit"},
      {"nearest_limit", bound(), "what came nearest its limit, as judge/constraint.hpp has it"},
      {"latency_unknown", list(text),
       "why no latency of this trial can be believed; absent: they can"},
      {"phases", list(with({{"name", text, "warmup, measure, settle, recover, audit"}}, span()))},
      {"workloads", workloads()},
      {"series", series()},
      {"availability",
       list(
           {{"topic", text}, {"partition", whole}, {"longest_ns", whole}, {"gaps", list(span())}})},
      {"leadership",
       list({{"t_s", number},
             {"topic", text},
             {"partition", whole},
             {"leader", whole},
             {"epoch", whole},
             {"isr", list(whole)}}),
       "first state, then changes"},
      {"chaos",
       object({{"within", text, "tolerated, beyond"},
               {"grace_s", number, "that a failover may take"},
               {"demanding", list(span()), "when no more is broken than replication tolerates"}}),
       "of a timeline that was drawn"},
      {"faults", faults()},
      {"audit", audit()},
      {"history", object({{"file", text}, {"error", text, "why there is none"}}),
       "of `history: full`"},
      {"broker_logs", list({{"file", text},
                            {"kind", text},
                            {"count", whole},
                            {"line", whole, "of the first"},
                            {"text", text},
                            {"allowance", text, "violation: the trial fails; expected"},
                            {"why", text}})},
      {"contract", contract()},
      {"findings", findings()},
      {"generator", generator()},
      {"machine", machine(), "the same by second"},
      {"broker_series", broker_series(), "by second; a gap where the node was down"},
      {"brokers", brokers(), "of measure as a whole"},
      {"explanation", list(text), "derived from the evidence: rate x pause and the like"}};
}

Shape gate() {
  return object(
      {{"differs", list({{"setting", text}, {"baseline", text}, {"candidate", text}}),
        "what either side sets; absent: as in the scenario"},
       {"settings", list(text), "of both sides, by --set"},
       {"looks", list(whole), "valid pairs after which it may end"},
       {"alpha", number},
       {"certification", list(text),
        "what gates can tell on this machine, or that nobody measured"},
       {"outcome", text, "go on, pass, fail, inconclusive, invalid"},
       {"reason", text},
       {"broken", list(text), "promises and exact expectations that did not hold"},
       {"look", whole, "at which it ended, from 1; 0: at none"},
       {"against", object({{"run", text}, {"started_at", text}, {"trials", whole}}),
        "the stored run in the place of a baseline; then there are no pairs"},
       {"pairs", list({{"pair", whole, "its trials are 2 pair and 2 pair + 1"},
                       {"first", text, "baseline, candidate"},
                       {"void", list(text), "why it says nothing; empty: it counts"},
                       {"control_moved", number, "of the calibration between the halves"}})},
       {"metrics",
        list({{"metric", text, "as an expectation writes it"},
              {"gates", boolean, "false: it is shown and decides nothing"},
              {"more_is_better", boolean},
              {"exact", boolean, "a count, judged without statistics"},
              {"unit", text, "of the values: ns, /s, share; empty: a plain number"},
              {"baseline", number, "the median of its valid pairs"},
              {"candidate", number},
              {"delta", number, "a share: so much worse fails"},
              {"delta_max", number, "so much worse must be excluded to pass"},
              {"pairs", list({{"pair", whole},
                              {"baseline", number, "in nanoseconds, per second, ..."},
                              {"candidate", number},
                              {"effect", number, "ln(candidate/baseline), positive is worse"},
                              {"why", text, "what keeps it from being compared, or was assumed"}})},
              {"estimate", number, "ln, of the valid pairs, by Hodges and Lehmann"},
              {"low", number},
              {"high", number},
              {"confidence", number},
              {"outcome", text},
              {"reason", text},
              {"p_worse", number, "exact signed rank, one-sided"},
              {"p_adjusted", number, "by Holm over the metrics that gate"},
              {"p_not_too_much_worse", number, "of less than delta_max"},
              {"minimum_detectable", number, "a share, with 90 % power"},
              {"slot_effect", number, "ln, second half less first"},
              {"slot_effect_vetoes", boolean}})}});
}

// What happened at one load of a search: a trial of the run, and what it says.
Fields load_trial() {
  return {
      {"trial", whole, "its index in `trials`"},
      {"phase", text, "bracket, bisect, confirm, soak"},
      {"outcome", text, "passed, failed, generator, invalid"},
      {"reasons",
       list({{"name", text, "target, lost, errors, achieved, lag, steady, ..."}, {"text", text}}),
       "each that it failed by, or why it says nothing"},
      {"targets", list({{"that", text}, {"value", number}, {"held", boolean}}),
       "value: in the metric's unit, durations in nanoseconds; absent: not known"},
      {"offered_per_s", number, "messages that fell due within measure"},
      {"achieved_share", number, "acked of them, as the acks arrived"},
      {"error_share", number},
      {"lag_slope", number, "messages per second, by Theil and Sen"},
      {"lag_slope_high", number, "its upper bound"},
      {"brokers_cpu", number, "cores, within measure"},
      {"generator_cpu", number}};
}

Shape search() {
  Fields load{{"per_s", number},
              {"outcome", text, "lower, upper, generator, undecided, open"},
              {"contested", boolean, "some of its trials passed and some failed"},
              {"trials", list(load_trial())}};
  return list(
      {{"name", text, "of its axes' values; base without --over"},
       {"axes", map(text)},
       {"phase", text, "bracket, bisect, confirm, soak, ended"},
       {"outcome", text,
        "interval; at_least: nothing failed, or the generator ended there; at_most: nothing "
        "passed; undecided; open: it has not ended"},
       {"reason", text, "the answer, as a sentence"},
       {"notes", list(text), "drift, contested loads, what was not tested"},
       {"lower_per_s", number, "the target holds there; absent: at none that was tried"},
       {"upper_per_s", number, "it does not; absent: nothing failed"},
       {"message_bytes", number, "mean payload: per_s times this are bytes"},
       {"ended_by_generator", boolean, "what is above is the generator's limit, not the cluster's"},
       {"generator_needs", text, "how many more lanes or machines to go on with"},
       {"bound", object({{"name", text}, {"text", text}, {"evidence", list(text)}}),
        "what gave way first, between lower and upper"},
       {"drifted", boolean, "the lower bound did not hold when it was tested again"},
       {"loads", list(load), "by rate"},
       {"soak", object({{"per_s", number}, {"outcome", text}, {"text", text}}),
        "at a share of the lower bound; outcome: passed, failed, undecided"},
       {"shared", object({{"cores", whole}, {"brokers_cpu", number}, {"generator_cpu", number}}),
        "of the machine, at the lower bound; absent: brokers run elsewhere"}});
}

Shape scaling() {
  const Shape coefficient = object({{"value", number}, {"low", number}, {"high", number}});
  return object(
      {{"axis", text},
       {"refused", text, "why no law was fitted; then the next are absent"},
       {"lambda", coefficient, "of the Universal Scalability Law: what one does"},
       {"sigma", coefficient, "contention"},
       {"kappa", coefficient, "coherency"},
       {"confidence", number, "of the intervals, by bootstrap"},
       {"leave_last_out", number,
        "the largest value's rate, predicted from the others / measured - 1"},
       {"peak", number, "from there on more are worse; absent: further than it may look"},
       {"furthest", number, "twice the largest value: it says nothing beyond"},
       {"curve", list({{"n", number}, {"per_s", number}, {"low", number}, {"high", number}})},
       {"left_out", list(text), "values without an interval of the cluster's own"}});
}

Shape capacity() {
  return object({{"slo", list(text), "that: texts; acked_lost == 0 is always one"},
                 {"workloads", list(text), "whose rate is searched, their ratio kept"},
                 {"rates_per_s", map(number), "of each of them, as the scenario has it"},
                 {"axes", list(text), "of --over; the searches are all combinations"},
                 {"settings", list(text), "of --set and --over"},
                 {"width_share", number, "at which an interval is narrow enough"},
                 {"soak_share", number, "of the lower bound"},
                 {"most_trials", whole, "of all searches, in the worst case"},
                 {"most_s", number, "the same, in seconds"},
                 {"budget_s", number},
                 {"measure_s", map(number), "by phase of the search"},
                 {"fresh_brokers", boolean, "for each trial; false: they run on between loads"},
                 {"searches", search()},
                 {"scaling", scaling(), "of an axis that is a count"}});
}

Shape variants() {
  return list(Shape::object(
      {{"variant", text},
       {"axes", map(text)},
       {"trials", whole},
       {"verdict", text},
       {"invalid_trials", whole},
       {"errors", map(whole)},
       {"asked",
        list({{"question", text, "as an expectation writes it"},
              {"metric", text, "alone; absent where the question has a function or a workload"},
              {"meaning", text, "of the metric"},
              {"observed", text, "over its trials"},
              {"why", text, "absent where every trial's value is known"}}),
        "what the scenario asks, in the order in which a reader wants it"},
       {"audited_trials", whole, "not invalid, acked something, and the audit decided on all"},
       {"trials_with_loss", whole, "of those"},
       {"loss_bound", number,
        "no trial with loss: at most this share of such trials has one (95 %)"}},
      whole));
}

Shape expectations() {
  return list({{"that", text},
               {"where", map(list(text))},
               {"over", text, "each, any, ..."},
               {"outcome", text, "held, failed, unknown; of a control: missed"},
               {"observed", text},
               {"trials", list(whole)},
               {"why", text, "absent where every trial's value is known"},
               {"control", boolean}});
}

Shape whole_record() {
  return object(
      {{"schema", text, std::string(schema)},
       {"partial", boolean, "true: the run did not end by itself"},
       {"run", run()},
       {"scenario", scenario()},
       {"labels", map(text), "as `run --label` gave them"},
       {"axes", list(text)},
       {"planned", list({{"variant", text}, {"repeat", whole}}), "the trials that were to run"},
       {"cluster", cluster()},
       {"environment", environment()},
       {"trials", list(trial())},
       {"variants", variants(), "beside these, sums of totals and of the audit's counts"},
       {"columns", list({{"key", text}, {"header", text}}),
        "of the variants' counts that are above 0: how tables head them"},
       {"expectations", expectations()},
       {"gate", gate(), "of a run of pairs: trial 2k and 2k + 1 are pair k"},
       {"capacity", capacity(), "of a run that seeks how much load a cluster takes"},
       {"certificate",
        object({{"made_at", text},
                {"scenario", text},
                {"machine", map(text)},
                {"equals", list(number), "effects of pairs of the same, ln(candidate/baseline)"},
                {"slowed", map(list(number)), "by the slowdown that was injected"}}),
        "of a run that certifies gates"},
       {"verdict", object({{"overall", text}, {"exit_code", whole}, {"reasons", list(text)}})}});
}

}  // namespace

const Shape& record_shape() {
  static const Shape shape = whole_record();
  return shape;
}

}  // namespace seatrial::record
