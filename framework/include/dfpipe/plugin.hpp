#pragma once

#include <functional>
#include <memory>
#include <string>

#include "dfpipe/command.hpp"
#include "dfpipe/node.hpp"

namespace dfpipe {

/// Changes whenever a public header changes in a way that compiled plugins notice.
inline constexpr std::uint32_t abi_number = 7;

/// Compiler, standard library and build settings that must agree before C++ objects cross; compared as text.
std::string build_fingerprint_of_framework();

/// What a plugin tells the framework when it is loaded.
class Registrar {
 public:
  virtual ~Registrar();

  template <class N>
  void node(std::string type) {
    add_node(std::move(type), [] { return std::unique_ptr<Node>(std::make_unique<N>()); });
  }
  template <class R>
  void resource() {
    add_resource(std::string(ResourceType<R>::name), [] { return std::shared_ptr<Resource>(std::make_shared<R>()); });
  }
  /// `name` is one word, or a group and a word ("model info"): lower-case letters, digits and '-'.
  template <class C>
  void command(std::string name) {
    add_command(std::move(name), [] { return std::unique_ptr<Command>(std::make_unique<C>()); });
  }
  /// Called at the start of each thread that runs nodes, with the lane and the number of threads the lane's libraries
  /// may use on it.
  virtual void on_thread_start(std::function<void(Lane, int threads)> hook) = 0;

 protected:
  virtual void add_node(std::string type, std::function<std::unique_ptr<Node>()> make) = 0;
  virtual void add_resource(std::string type, std::function<std::shared_ptr<Resource>()> make) = 0;
  virtual void add_command(std::string name, std::function<std::unique_ptr<Command>()> make) = 0;
};

}  // namespace dfpipe

#define DFPIPE_STR2(x) #x
#define DFPIPE_STR(x) DFPIPE_STR2(x)
#if defined(__clang__)
#define DFPIPE_COMPILER "clang-" DFPIPE_STR(__clang_major__)
#else
#define DFPIPE_COMPILER "gcc-" DFPIPE_STR(__GNUC__)
#endif
#if defined(__SANITIZE_ADDRESS__)
#define DFPIPE_SANITIZER "+asan"
#elif defined(__SANITIZE_THREAD__)
#define DFPIPE_SANITIZER "+tsan"
#else
#define DFPIPE_SANITIZER ""
#endif
#define DFPIPE_FINGERPRINT \
  DFPIPE_COMPILER " cxx" DFPIPE_STR(__cplusplus) " abi" DFPIPE_STR(_GLIBCXX_USE_CXX11_ABI) DFPIPE_SANITIZER

/// What the C entry point returns. Plain C: read before any C++ object crosses.
extern "C" {
struct dfpipe_plugin_info {
  std::uint32_t abi;
  const char* fingerprint;
  const char* name;
  void (*register_types)(dfpipe::Registrar*);
};
}

/// Once per plugin, in one file:
///
///     DFPIPE_PLUGIN(hello) {
///       registrar.node<Hello>("hello");
///     }
#define DFPIPE_PLUGIN(plugin_name)                                                                    \
  static void dfpipe_register_types(dfpipe::Registrar& registrar);                                    \
  extern "C" __attribute__((visibility("default"))) const dfpipe_plugin_info* dfpipe_plugin_entry() { \
    static const dfpipe_plugin_info info{dfpipe::abi_number, DFPIPE_FINGERPRINT, #plugin_name,        \
                                         [](dfpipe::Registrar* r) { dfpipe_register_types(*r); }};    \
    return &info;                                                                                     \
  }                                                                                                   \
  static void dfpipe_register_types([[maybe_unused]] dfpipe::Registrar& registrar)
