#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dfpipe/node.hpp"

/// What a run tells of itself while it lasts: for displays, and for nodes that report to the outside world.
namespace dfpipe {

struct NodeStats {
  std::string name;
  std::string type;
  Lane lane = Lane::cpu;
  bool is_foreach = false;
  bool is_source = false;
  bool is_off = false;       ///< switched off in the file, or nobody reads what it gives
  std::uint64_t calls = 0;   ///< of process; a batch is one call
  std::uint64_t items = 0;   ///< items in those calls
  std::uint64_t errors = 0;  ///< items whose call threw
  std::uint64_t passed = 0;  ///< items that passed without a call: an input was empty, disabled, stopped
  double total_seconds = 0;  ///< in process; estimated from samples for very short calls
  double max_seconds = 0;
  std::array<std::uint64_t, 48> histogram{};  ///< of call times: bucket b holds [2^b, 2^(b+1)) ns, sampled calls
  std::map<std::int64_t, std::uint64_t> batch_sizes;
  std::string status;         ///< what the node tells of itself; empty when the run is over
  std::uint64_t queued = 0;   ///< items waiting now
  std::uint64_t running = 0;  ///< calls now

  /// Quantile of call time in seconds from the histogram (log-linear inside a bucket).
  double quantile(double q) const;
};

struct Snapshot {
  std::chrono::duration<double> elapsed{0};
  std::optional<std::uint64_t> total;  ///< root items the source has, when known
  std::uint64_t emitted = 0;           ///< root items made by the source
  std::uint64_t ok = 0;                ///< died with every sink served and no error
  std::uint64_t failed = 0;            ///< died with an error in some node
  std::uint64_t skipped = 0;           ///< not made again on resume
  std::uint64_t failed_earlier = 0;    ///< of the skipped: those that an earlier run has reported as failed
  std::uint64_t stopped = 0;           ///< discarded by a stop
  std::uint64_t live = 0;
  std::uint64_t children = 0;  ///< child items made so far
  std::uint64_t peak_live = 0;
  std::vector<NodeStats> nodes;  ///< in the graph's order
};

/// A look at the run that a node or resource belongs to. All functions may be called from any thread at any time, also
/// when the run is over: the last numbers stay.
class RunView {
 public:
  virtual ~RunView();
  virtual Snapshot snapshot() const = 0;
  /// The graph as JSON, the text of `dfpipe graph --format json` with the descriptors of its types; empty when the
  /// graph was not made from a file.
  virtual const std::string& graph() const = 0;
  /// SHA-256 of the resolved file, lower-case hex.
  virtual const std::string& config_hash() const = 0;
  /// Root items alive at most.
  virtual int credits() const = 0;
};

}  // namespace dfpipe
