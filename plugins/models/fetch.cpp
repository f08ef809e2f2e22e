#include <chrono>
#include <filesystem>
#include <system_error>

#include "catalog.hpp"
#include "commands.hpp"
#include "dfpipe/error.hpp"
#include "download.hpp"
#include "durable.hpp"
#include "url.hpp"

namespace dfpipe::models {
namespace {

namespace fs = std::filesystem;

/// Downloads a model of the list. Each file of it is pinned by size and SHA-256, so that it does not matter who gives
/// it.
class Fetch final : public Command {
  struct Params : ParamSet {
    const std::string& name = text("name", "", {.about = "a name of the list", .positional = true});
    const std::filesystem::path& to =
        path("to", {}, {.about = "the folder to put it in; models/NAME if none is given", .output = true});
    const bool& list = boolean("list", false, {.about = "show the models that can be fetched, and fetch nothing"});
    const std::filesystem::path& catalog = path("catalog", {}, {.about = "another list of models, a JSON file"});
    const std::string& mirror =
        text("mirror", "", {.about = "fetch from MIRROR/NAME/FILE in place of the addresses in the list"});
    const std::string& proxy =
        text("proxy", "", {.about = "the proxy to use, in place of https_proxy, all_proxy and no_proxy"});
    const std::filesystem::path& ca_file =
        path("ca_file", {}, {.about = "certificates to trust, in place of the system's"});
    const std::int64_t& retries = integer(
        "retries", 5,
        {.about = "how often to try an address again in a row without getting anything new", .min = 0, .max = 100});
    const double& retry_wait =
        real("retry_wait", 1,
             {.about = "before the second try, then twice as long each time", .unit = "s", .min = 0, .max = 60});
    const std::int64_t& stall = integer(
        "stall", 30,
        {.about = "a connection that brings nothing for so long is given up", .unit = "s", .min = 1, .max = 3600});
  } params_;

 public:
  Fetch()
      : Command(
            {.about = "Download a model of the list and check it. What an interrupted call has brought is kept, and "
                      "what is there already is not fetched again.",
             .example = "dfpipe model fetch clip-vit-large-patch14 --to models/clip"},
            &params_) {}

  int run(Console& console) override {
    const fs::path list = params_.catalog.empty() ? installed_catalog() : params_.catalog;
    const Catalog catalog = read_catalog(list);
    if (params_.list) {
      console.print(listing(catalog));
      return 0;
    }
    if (!params_.mirror.empty() && scheme_of(params_.mirror).empty())
      throw Error("--mirror wants an address that begins with https:// or http://", "usage");
    const auto found = catalog.find(params_.name);
    if (found == catalog.end()) throw Error(unknown(catalog), "usage");
    fetch(found->first, found->second, console);
    return 0;
  }

 private:
  static std::string listing(const Catalog& catalog) {
    std::string text;
    for (const auto& [name, model] : catalog)
      text += name + "\n  " + model.about + "\n  " + bytes_text(model.size()) + "; licence: " + model.licence + "\n  " +
              model.publisher + "\n";
    return text;
  }

  std::string unknown(const Catalog& catalog) const {
    std::string names;
    for (const auto& [name, model] : catalog) names += (names.empty() ? "" : ", ") + name;
    return (params_.name.empty() ? "name a model" : "no model '" + params_.name + "' in the list") +
           "; there are: " + names;
  }

  void fetch(const std::string& name, const ListedModel& model, Console& console) const {
    const fs::path folder = params_.to.empty() ? fs::path("models") / name : params_.to;
    make_folder(folder);
    const files::FolderLock lock(folder);
    log(LogLevel::info,
        name + ": " + bytes_text(model.size()) + "; licence: " + model.licence + "; " + model.publisher);
    for (const ListedFile& listed : model.files) {
      const ListedFile file = from_mirror(name, listed);
      const fs::path target = folder / file.name;
      make_folder(target.parent_path());
      const Fetched fetched = download(file, target, options(), console);
      log(LogLevel::info, target.string() + ": " + bytes_text(file.size) + ", sha256 as listed" +
                              (fetched == Fetched::before ? ", was there already" : ""));
    }
    console.print(folder.string());
  }

  static void make_folder(const fs::path& folder) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed || !fs::is_directory(folder))
      throw Error(folder.string() + ": cannot be made: " + (failed ? failed.message() : "something else is there"));
  }

  ListedFile from_mirror(const std::string& name, ListedFile file) const {
    if (params_.mirror.empty()) return file;
    std::string base = params_.mirror;
    while (base.ends_with('/')) base.pop_back();
    file.urls = {base + "/" + name + "/" + file.name};
    return file;
  }

  DownloadOptions options() const {
    return {.proxy = params_.proxy,
            .ca_file = params_.ca_file,
            .retries = static_cast<int>(params_.retries),
            .retry_wait = std::chrono::milliseconds(static_cast<std::int64_t>(params_.retry_wait * 1000)),
            .stall = std::chrono::seconds(params_.stall)};
  }
};

}  // namespace

void register_fetch(Registrar& registrar) { registrar.command<Fetch>("model fetch"); }

}  // namespace dfpipe::models
