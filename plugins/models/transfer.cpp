#include "transfer.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <exception>
#include <memory>

#include "dfpipe/error.hpp"
#include "url.hpp"

namespace dfpipe::models {
namespace {

using Clock = std::chrono::steady_clock;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view()
                                         : text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// "bytes 100-199/200", "bytes 100-199/*", "bytes */200" (RFC 9110, section 14.4).
std::optional<ByteRange> byte_range(std::string_view text) {
  if (!text.starts_with("bytes ")) return std::nullopt;
  text = trimmed(text.substr(6));
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view span = text.substr(0, slash);
  ByteRange range;
  range.total = number(text.substr(slash + 1));
  if (span == "*") return range;
  const auto first = number(span.substr(0, span.find('-')));
  if (!first) return std::nullopt;
  range.first = *first;
  return range;
}

/// 206 of "HTTP/1.1 206 Partial Content", 0 of what is no status line.
long status_of(std::string_view line) {
  const auto blank = line.find(' ');
  const auto status = blank == std::string_view::npos ? std::nullopt : number(line.substr(blank + 1, 3));
  return status ? static_cast<long>(*status) : 0;
}

/// What the callbacks share. They are called from C, so exceptions wait here until it has returned.
struct Exchange {
  CURL* easy;
  TransferSink& sink;
  std::stop_token stop;
  std::chrono::seconds stall;
  ReplyHead head{};
  bool begun = false, refused = false, stalled = false;
  curl_off_t arrived = 0;
  Clock::time_point last = Clock::now();  ///< when something arrived
  std::exception_ptr thrown{};

  bool wants_body() const { return head.status == 200 || head.status == 206; }
};

void read_field(ReplyHead& head, std::string_view name, std::string_view value) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "etag") head.etag = value;
  if (lower == "last-modified") head.last_modified = value;
  if (lower == "content-length") head.length = number(value);
  if (lower == "content-range") head.range = byte_range(value);
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.last = Clock::now();
  try {
    const std::string_view line(data, size);
    if (line.starts_with("HTTP/")) {  // the next answer of a chain
      exchange.head = {};
      exchange.head.status = status_of(line);
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
      read_field(exchange.head, line.substr(0, colon), trimmed(line.substr(colon + 1)));
    }
    return size;
  } catch (...) {
    exchange.thrown = std::current_exception();
    return 0;
  }
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  try {
    if (!exchange.wants_body()) return 0;
    if (!exchange.begun && !exchange.sink.begin(exchange.head)) exchange.refused = true;
    exchange.begun = true;
    if (!exchange.refused && !exchange.sink.take({data, size})) exchange.refused = true;
    return exchange.refused ? 0 : size;
  } catch (...) {
    exchange.thrown = std::current_exception();
    return 0;
  }
}

/// Called at least once a second. libcurl's own low-speed limit looks at an average and may take seconds longer.
int on_progress(void* user, curl_off_t, curl_off_t arrived, curl_off_t, curl_off_t) {
  auto& exchange = *static_cast<Exchange*>(user);
  const auto now = Clock::now();
  if (arrived != exchange.arrived) exchange.last = now;
  exchange.arrived = arrived;
  exchange.stalled = now - exchange.last > exchange.stall;
  return exchange.stalled || exchange.stop.stop_requested() ? 1 : 0;
}

template <class T>
void set(CURL* easy, CURLoption option, T value) {
  if (const CURLcode code = curl_easy_setopt(easy, option, value); code != CURLE_OK)
    throw Error(std::string("libcurl refuses an option: ") + curl_easy_strerror(code));
}

void set_request(CURL* easy, const TransferRequest& request, Exchange& exchange) {
  set(easy, CURLOPT_URL, request.url.c_str());
  const char* const protocols = scheme_of(request.url) == "http" ? "http,https" : "https";
  set(easy, CURLOPT_PROTOCOLS_STR, protocols);
  set(easy, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
  set(easy, CURLOPT_FOLLOWLOCATION, 1L);
  set(easy, CURLOPT_MAXREDIRS, 10L);
  set(easy, CURLOPT_USERAGENT, "dfpipe");
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(request.stall.count()));
  if (!request.proxy.empty()) {
    set(easy, CURLOPT_PROXY, request.proxy.c_str());
    set(easy, CURLOPT_NOPROXY, "");  // else the environment's no_proxy would still hold
  }
  if (!request.ca_file.empty()) set(easy, CURLOPT_CAINFO, request.ca_file.c_str());
  if (request.from > 0) set(easy, CURLOPT_RANGE, (std::to_string(request.from) + "-").c_str());
  set(easy, CURLOPT_HEADERFUNCTION, on_header);
  set(easy, CURLOPT_HEADERDATA, &exchange);
  set(easy, CURLOPT_WRITEFUNCTION, on_body);
  set(easy, CURLOPT_WRITEDATA, &exchange);
  set(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
  set(easy, CURLOPT_XFERINFODATA, &exchange);
  set(easy, CURLOPT_NOPROGRESS, 0L);
}

HeaderList headers_of(const TransferRequest& request) {
  if (request.if_range.empty()) return nullptr;
  HeaderList list(curl_slist_append(nullptr, ("If-Range: " + request.if_range).c_str()));
  if (!list) throw std::bad_alloc();
  return list;
}

bool is_forbidden(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return true;
    default:
      return false;
  }
}

TransferEnd end_of(CURLcode code, const Exchange& exchange, const char* details) {
  using Kind = TransferEnd::Kind;
  TransferEnd end;
  end.head = exchange.head;
  if (exchange.stop.stop_requested()) {
    end.kind = Kind::stopped;
  } else if (exchange.refused) {
    end.kind = Kind::refused;
  } else if (exchange.stalled) {
    end.why = "nothing has come for " + std::to_string(exchange.stall.count()) + " s";
  } else if (code == CURLE_OK || code == CURLE_WRITE_ERROR) {
    end.kind = exchange.wants_body() ? Kind::whole : Kind::status;
    if (!exchange.wants_body()) end.why = "the server answers " + std::to_string(exchange.head.status);
  } else {
    end.kind = is_forbidden(code) ? Kind::forbidden : Kind::broken;
    end.why = *details != '\0' ? details : curl_easy_strerror(code);
  }
  curl_off_t seconds = 0;
  if (curl_easy_getinfo(exchange.easy, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK)
    end.retry_after = std::chrono::seconds(std::clamp<curl_off_t>(seconds, 0, 3600));
  return end;
}

void start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw Error(std::string("libcurl cannot start: ") + curl_easy_strerror(started));
}

}  // namespace

TransferEnd transfer(const TransferRequest& request, TransferSink& sink, std::stop_token stop) {
  start_libcurl();
  const Easy easy(curl_easy_init());
  if (!easy) throw std::bad_alloc();
  Exchange exchange{.easy = easy.get(), .sink = sink, .stop = std::move(stop), .stall = request.stall};
  const HeaderList headers = headers_of(request);
  std::array<char, CURL_ERROR_SIZE> details{};
  set(easy.get(), CURLOPT_ERRORBUFFER, details.data());
  set(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  set_request(easy.get(), request, exchange);
  const CURLcode code = curl_easy_perform(easy.get());
  if (exchange.thrown) std::rethrow_exception(exchange.thrown);
  return end_of(code, exchange, details.data());
}

}  // namespace dfpipe::models
