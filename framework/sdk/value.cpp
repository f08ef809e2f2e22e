#include "dfpipe/value.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>

namespace dfpipe {
namespace {

constexpr std::string_view list_prefix = "list<";

struct ListType {
  std::string name;
  TypeInfo info;
};

// Lists of every element type share one payload layout. They are told apart by the TypeInfo only.
struct ListTypes {
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<ListType>, std::less<>> by_element;
};

ListTypes& list_types() {
  static auto* types = new ListTypes;  // outlives every static destructor
  return *types;
}

}  // namespace

namespace detail {

const TypeInfo& list_type_info(std::string_view element) {
  ListTypes& types = list_types();
  std::lock_guard lock(types.mutex);
  auto found = types.by_element.find(element);
  if (found == types.by_element.end()) {
    auto type = std::make_unique<ListType>();
    type->name = std::string(list_prefix) + std::string(element) + ">";
    type->info.name = type->name;
    found = types.by_element.emplace(std::string(element), std::move(type)).first;
  }
  return found->second->info;
}

}  // namespace detail

std::string_view element_type(std::string_view list_type) {
  if (!list_type.starts_with(list_prefix) || !list_type.ends_with('>')) return {};
  list_type.remove_prefix(list_prefix.size());
  list_type.remove_suffix(1);
  return list_type;
}

const AnyCells& list_cells(const Value& list) {
  if (!list || element_type(list.type().name).empty())
    throw std::logic_error("a list was expected, got " + std::string(list ? list.type().name : "nothing"));
  return static_cast<const List<void*>*>(list.data())->cells();
}

Value make_list(std::string_view element, AnyCells cells) {
  return Value(std::make_shared<const List<void*>>(std::move(cells)), &detail::list_type_info(element));
}

void Value::wrong_type(std::string_view wanted) const {
  throw std::logic_error("a value of type '" + std::string(wanted) + "' was expected, got " +
                         (data_ ? "'" + std::string(type_->name) + "'" : std::string("nothing")));
}

std::string Reason::text() const {
  std::string out = "node '" + node + "': ";
  if (kind == Kind::error && code != "error") out += code + ": ";
  return out + message;
}

}  // namespace dfpipe
