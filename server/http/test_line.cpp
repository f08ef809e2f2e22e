#include "http/test_line.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "http/session.hpp"
#include "http/stream_wire.hpp"
#include "http/text.hpp"

namespace dfpipe::server {

namespace asio = boost::asio;
namespace http = boost::beast::http;

std::string_view TestAnswer::field(std::string_view name) const {
  for (const auto& [field, value] : fields) {
    if (same_word(field, name)) return value;
  }
  return {};
}

std::string TestAnswer::code() const { return nlohmann::json::parse(body).at("code"); }

std::vector<TestAnswer> read_answers(std::string_view bytes, bool heads_only) {
  std::vector<TestAnswer> answers;
  while (!bytes.empty()) {
    http::response_parser<http::string_body> parser;
    parser.eager(true);
    parser.skip(heads_only);
    parser.body_limit(std::numeric_limits<std::uint64_t>::max());
    boost::system::error_code error;
    bytes.remove_prefix(parser.put(asio::buffer(bytes.data(), bytes.size()), error));
    if (error || !parser.is_done()) {
      throw std::runtime_error("not a whole answer: " + error.message() + ", left: " + std::string(bytes));
    }
    TestAnswer answer;
    answer.status = parser.get().result_int();
    for (const auto& field : parser.get()) answer.fields.emplace_back(field.name_string(), field.value());
    answer.body = parser.get().body();
    answers.push_back(std::move(answer));
  }
  return answers;
}

struct TestLine::Inside {
  explicit Inside(std::shared_ptr<Context> of) : context(std::move(of)) {}

  std::shared_ptr<Context> context;
  asio::io_context io;
  boost::beast::test::stream client{io};
  std::shared_ptr<Session> session;
  bool ended = false;
};

TestLine::TestLine(ServerConfig config, std::vector<Route> routes) {
  config.done = [this](const AccessRecord& record) { records.push_back(record); };
  config.log = [this](const std::string& message) { log.push_back(message); };
  inside_ = std::make_unique<Inside>(std::make_shared<Context>(std::move(config), std::move(routes)));
  boost::beast::test::stream server(inside_->io);
  server.connect(inside_->client);
  inside_->session =
      std::make_shared<Session>(std::make_unique<StreamWire<boost::beast::test::stream>>(std::move(server)),
                                inside_->context, "192.0.2.1", [this](Session&) { inside_->ended = true; });
  inside_->session->start(false);
  run();
}

TestLine::~TestLine() {
  inside_->session->close();
  run();
  inside_->session.reset();
}

void TestLine::run() {
  inside_->io.restart();
  inside_->io.poll();
}

void TestLine::hand_over(std::string_view bytes) {
  if (inside_->ended) return;
  boost::system::error_code gone;
  asio::write(inside_->client, asio::buffer(bytes.data(), bytes.size()), gone);
}

TestLine& TestLine::send(std::string_view bytes) {
  hand_over(bytes);
  run();
  return *this;
}

bool TestLine::step() {
  inside_->io.restart();
  return inside_->io.poll_one() > 0;
}

std::string TestLine::arrived() {
  auto& buffer = inside_->client.buffer();
  const auto data = buffer.data();
  std::string bytes(static_cast<const char*>(data.data()), data.size());
  buffer.consume(buffer.size());
  return bytes;
}

std::string TestLine::received() {
  run();
  return arrived();
}

TestAnswer TestLine::answer() {
  auto all = answers();
  if (all.size() != 1) throw std::runtime_error(std::to_string(all.size()) + " answers in place of one");
  return all.front();
}

void TestLine::leave() {
  inside_->client.close();
  run();
}

void TestLine::pass(double seconds) {
  const auto now = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  if (inside_->session->due() <= now) inside_->session->check_time(now);
  run();
}

void TestLine::drain() {
  inside_->context->draining = true;
  inside_->session->drain();
  run();
}

void TestLine::finish_stream() {
  inside_->session->finish_stream();
  run();
}

bool TestLine::evict() {
  const bool evicted = inside_->session->evict();
  run();
  return evicted;
}

bool TestLine::ended() const { return inside_->ended; }
std::size_t TestLine::in_flight() const { return inside_->context->exchanges->in_flight; }
std::size_t TestLine::streams() const { return inside_->context->exchanges->streams; }

std::string get(const std::string& target, const std::string& fields) {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string post(const std::string& target, const std::string& body, const std::string& fields) {
  return "POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields +
         "\r\n" + body;
}

Route route(const std::string& method, const std::string& path, std::function<void(Reply)> answer) {
  Route made{method, path, path};
  made.handle = [answer = std::move(answer)](const RequestHead&) { return answer_with(answer); };
  return made;
}

Route echo(const std::string& path, std::uint64_t body_limit) {
  class Echo : public Handler {
   public:
    void receive(std::string_view bytes) override { body_ += bytes; }
    void answer(Reply reply) override { reply.send(text(body_)); }

   private:
    std::string body_;
  };
  Route made{"POST", path, path};
  made.handle = [](const RequestHead&) { return std::make_unique<Echo>(); };
  made.body_limit = body_limit;
  return made;
}

Response text(const std::string& body) { return {200, "text/plain", body}; }

}  // namespace dfpipe::server
