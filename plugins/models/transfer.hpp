#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace dfpipe::models {

/// One GET. Redirects are followed, at most ten; to https only, unless the address itself is http. Proxies come from
/// the environment as usual (https_proxy, no_proxy, …) unless one is named.
struct TransferRequest {
  std::string url;
  std::uint64_t from = 0;  ///< ask for the bytes from here on
  std::string if_range;    ///< and only if the file still has this validator
  std::string proxy;
  std::filesystem::path ca_file;   ///< certificates to trust, in place of the system's
  std::chrono::seconds stall{30};  ///< given up when nothing arrives for so long; there is no limit on the whole
};

struct ByteRange {
  std::uint64_t first = 0;
  std::optional<std::uint64_t> total;
};

/// What the last answer of a chain of redirects says before its body.
struct ReplyHead {
  long status = 0;
  std::string etag;
  std::string last_modified;
  std::optional<std::uint64_t> length;  ///< Content-Length
  std::optional<ByteRange> range;       ///< Content-Range; `first` is 0 for "bytes */N"
};

/// Takes a body. What it throws comes out of `transfer`.
class TransferSink {
 public:
  virtual ~TransferSink() = default;
  /// Before the first byte, for answers 200 and 206 only. False: the body is not wanted.
  virtual bool begin(const ReplyHead& head) = 0;
  virtual bool take(std::string_view bytes) = 0;
};

struct TransferEnd {
  enum class Kind {
    whole,      ///< the body is complete, as far as the answer tells
    refused,    ///< the sink did not want it
    status,     ///< neither 200 nor 206: see the head
    broken,     ///< not reached, cut off or stalled: trying again may help
    forbidden,  ///< a redirect, a protocol or a certificate that is not accepted
    stopped
  };
  Kind kind = Kind::broken;
  ReplyHead head;
  std::string why;                     ///< for people; empty for `whole`, `refused` and `stopped`
  std::chrono::seconds retry_after{};  ///< what the server asks for
};

/// Throws dfpipe::Error when the request cannot be made at all, and whatever the sink throws.
TransferEnd transfer(const TransferRequest& request, TransferSink& sink, std::stop_token stop);

}  // namespace dfpipe::models
