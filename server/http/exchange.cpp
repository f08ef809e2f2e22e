#include "http/exchange.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "http/text.hpp"

namespace dfpipe::server {

Response error_response(const Refusal& refusal, const std::string& request_id) {
  const nlohmann::ordered_json body = {{"error", refusal.what()}, {"code", refusal.code()}, {"request_id", request_id}};
  Response response;
  response.status = refusal.status();
  // A sentence may quote what a client sent: bytes that are no UTF-8 must not make the answer fail.
  response.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  response.headers = refusal.headers();
  return response;
}

std::string_view RequestHead::field(std::string_view name) const {
  for (const auto& [field, value] : fields) {
    if (same_word(field, name)) return value;
  }
  return {};
}

std::string_view RequestHead::named_part(std::string_view name) const {
  for (const auto& [part, value] : named) {
    if (part == name) return value;
  }
  return {};
}

std::optional<std::string> RequestHead::parameter(std::string_view name) const {
  const auto decoded = [](std::string_view text) {
    std::string plus_free(text), result;
    std::replace(plus_free.begin(), plus_free.end(), '+', ' ');
    percent_decode(plus_free, result);  // the policy has checked its escapes
    return result;
  };
  std::string_view rest = query;
  while (!rest.empty()) {
    const auto end = rest.find('&');
    const auto pair = rest.substr(0, end);
    const auto equals = pair.find('=');
    if (decoded(pair.substr(0, equals)) == name) {
      return equals == std::string_view::npos ? std::string() : decoded(pair.substr(equals + 1));
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return std::nullopt;
}

void Handler::receive(std::string_view) {}

std::unique_ptr<Handler> answer_with(std::function<void(Reply)> answer) {
  class FromFunction : public Handler {
   public:
    explicit FromFunction(std::function<void(Reply)> answer) : answer_(std::move(answer)) {}
    void answer(Reply reply) override { answer_(std::move(reply)); }

   private:
    std::function<void(Reply)> answer_;
  };
  return std::make_unique<FromFunction>(std::move(answer));
}

}  // namespace dfpipe::server
