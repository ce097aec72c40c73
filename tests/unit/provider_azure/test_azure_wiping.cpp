// Nothing of a value stays in memory that was given back: this program's operator delete looks into every block.
#include <malloc.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <cstring>
#include <new>

#include "azure_json.h"
#include "azure_text.h"

namespace {

constexpr char kCanary[] = "c4n4ry-of-a-value-that-is-long-enough";
std::atomic<bool> g_watch{false};
std::atomic<int> g_found{0};

void look(void* p) {
  if (p && g_watch && memmem(p, malloc_usable_size(p), kCanary, 12)) ++g_found;
}

struct Watch {
  Watch() { g_found = 0, g_watch = true; }
  ~Watch() { g_watch = false; }
};

}  // namespace

void* operator new(std::size_t n) {
  void* p = std::malloc(n ? n : 1);
  if (!p) throw std::bad_alloc();
  return p;
}
void operator delete(void* p) noexcept {
  look(p);
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
  look(p);
  std::free(p);
}

BOOST_AUTO_TEST_SUITE(azure_wiping)

BOOST_AUTO_TEST_CASE(the_test_itself_finds_what_is_left) {
  Watch watch;
  { const std::string left(kCanary); }
  BOOST_TEST(g_found > 0);
}

BOOST_AUTO_TEST_CASE(parsed_values_and_the_parsers_scratch) {
  // long strings with escapes go through the parser's buffers; many members make its stack grow
  std::string text = R"({"data":{"data":{)";
  for (int i = 0; i < 200; ++i) text += "\"" + std::to_string(i) + R"(":"c4n4ry-of-a-value\n-that-is-long-enough",)";
  text += R"("last":["c4n4ry-of-a-value",{"c4n4ry-of-a-value":"x"}]}}})";
  Watch watch;
  {
    const auto d = azure::Document::parse(text);
    BOOST_TEST(d.has_value());
  }
  { const auto broken = azure::Document::parse(std::string_view(text).substr(0, text.size() - 1)); }
  BOOST_TEST(g_found == 0);
}

BOOST_AUTO_TEST_CASE(tokens_bodies_and_compact_texts) {
  std::string json = "[\"";
  for (int i = 0; i < 100; ++i) json += kCanary;
  json += "\"]";
  Watch watch;
  {
    azure::Secret s = azure::secret(kCanary);
    for (int i = 0; i < 100; ++i) s.insert(s.end(), kCanary, kCanary + 20);  // grows
    const azure::Secret body = azure::form_body({{"client_secret", azure::view(s)}});
    const azure::Secret compact = azure::compact_json(json);
  }
  BOOST_TEST(g_found == 0);
}

BOOST_AUTO_TEST_SUITE_END()
