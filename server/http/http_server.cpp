#include "http/http_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <future>
#include <thread>

#include "http/connections.hpp"
#include "http/context.hpp"
#include "http/session.hpp"
#include "http/stream_wire.hpp"

namespace dfpipe::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Strand = asio::strand<asio::io_context::executor_type>;
using Socket = asio::basic_stream_socket<tcp, Strand>;

constexpr auto sweep_every = std::chrono::milliseconds(50);

std::string text(const tcp::endpoint& endpoint) {
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.to_string();
}

}  // namespace

/// The listener, the threads and the clock of the sessions.
class HttpServer::Impl {
 public:
  Impl(ServerConfig config, std::vector<Route> routes)
      : context_(std::make_shared<Context>(std::move(config), std::move(routes))), connections_(limits()) {}

  ~Impl() {
    connections_.close_door();
    context_->draining = true;
    control([this] {
      close_listener();
      sweep_.cancel();
      ended_ = true;
    });
    for (const auto& session : connections_.all()) session->close();
    work_.reset();
    for (auto& thread : threads_) thread.join();  // each ends when nothing is under way any more
  }

  void start() {
    const auto& config = context_->config;
    const std::string where = config.address + " port " + std::to_string(config.port);
    try {
      tcp::resolver resolver(io_);
      const tcp::endpoint endpoint = *resolver.resolve(config.address, std::to_string(config.port)).begin();
      listener_.open(endpoint.protocol());
      listener_.set_option(tcp::acceptor::reuse_address(true));
      listener_.bind(endpoint);
      listener_.listen();
      port_ = listener_.local_endpoint().port();
    } catch (const boost::system::system_error& error) {
      throw std::runtime_error("cannot listen on " + where + ": " + error.code().message());
    }
    accept();
    sweep();
    for (int i = 0; i < std::max(1, config.threads); ++i) {
      threads_.emplace_back([this] { run(); });
    }
  }

  std::uint16_t port() const { return port_; }

  void begin_drain() {
    context_->draining = true;
    connections_.close_door();
    control([this] { close_listener(); });
    for (const auto& session : connections_.all()) session->drain();
  }

  bool finish_drain(double seconds) {
    for (const auto& session : connections_.all()) session->finish_stream();
    if (connections_.wait_for_none(std::chrono::duration<double>(seconds))) return true;
    for (const auto& session : connections_.all()) session->close();
    connections_.wait_for_none(std::chrono::seconds(1));
    return false;
  }

  std::size_t in_flight() const { return context_->exchanges->in_flight; }
  std::size_t connections() const { return connections_.count(); }

 private:
  const Limits& limits() const { return context_->config.limits; }

  void run() {
    while (true) {
      try {
        io_.run();
        return;
      } catch (const std::exception& error) {
        context_->log(std::string("a network thread goes on after: ") + error.what());
      }
    }
  }

  /// Runs it where the listener and the sweep run, one after the other.
  void control(std::function<void()> task) {
    if (!threads_.empty()) asio::post(control_, std::move(task));
  }

  void accept() {
    listener_.async_accept(asio::make_strand(io_), [this](boost::system::error_code error, Socket socket) {
      if (ended_ || !listener_.is_open()) return;
      if (!error) {
        welcome(std::move(socket));
        return accept();
      }
      // Out of descriptors, mostly: at once again would be a busy loop.
      retry_.expires_after(std::chrono::milliseconds(100));
      retry_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled && listener_.is_open()) accept();
      });
    });
  }

  void welcome(Socket socket) {
    boost::system::error_code ignored;
    const auto remote = socket.remote_endpoint(ignored);
    if (ignored) return;  // gone already
    socket.set_option(tcp::no_delay(true), ignored);
    connections_.admit(std::make_shared<Session>(std::make_unique<StreamWire<Socket>>(std::move(socket)), context_,
                                                 text(remote),
                                                 [this](Session& session) { connections_.remove(session); }));
  }

  void sweep() {
    sweep_.expires_after(sweep_every);
    sweep_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled || ended_) return;
      const auto now = Clock::now();
      for (const auto& session : connections_.due(now)) session->check_time(now);
      sweep();
    });
  }

  void close_listener() {
    boost::system::error_code ignored;
    listener_.close(ignored);
    retry_.cancel();
  }

  const std::shared_ptr<Context> context_;
  Connections connections_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  const Strand control_ = asio::make_strand(io_);
  asio::basic_socket_acceptor<tcp, Strand> listener_{control_};
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Strand> sweep_{control_}, retry_{control_};
  bool ended_ = false;
  std::uint16_t port_ = 0;
  std::vector<std::thread> threads_;
};

HttpServer::HttpServer(ServerConfig config, std::vector<Route> routes)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(routes))) {}
HttpServer::~HttpServer() = default;

void HttpServer::start() { impl_->start(); }
std::uint16_t HttpServer::port() const { return impl_->port(); }
void HttpServer::begin_drain() { impl_->begin_drain(); }
bool HttpServer::finish_drain(double seconds) { return impl_->finish_drain(seconds); }
std::size_t HttpServer::in_flight() const { return impl_->in_flight(); }
std::size_t HttpServer::connections() const { return impl_->connections(); }

}  // namespace dfpipe::server
