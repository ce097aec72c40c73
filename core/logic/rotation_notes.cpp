// HMAC-SHA-256 over each name and value with its length, in one order.
#include "logic/rotation_notes.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "model/container.h"

namespace dso {
namespace {

constexpr std::array kNotes = {label::kRole,       label::kService,  label::kGeneration,
                               label::kRotationId, label::kReplaces, label::kOrigin};

bool same_in_constant_time(std::string_view a, std::string_view b) {
  unsigned char difference = a.size() != b.size();
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace

bool is_rotation_note(const std::string& key) {
  return key == label::kNotesMac || std::find(kNotes.begin(), kNotes.end(), key) != kNotes.end();
}

std::string notes_mac(std::string_view key, const std::map<std::string, std::string>& labels) {
  std::string text = "dso rotation notes 1\n";
  for (const std::string name : kNotes) {
    const auto it = labels.find(name);
    const std::string value = it == labels.end() ? std::string() : it->second;
    text += name + " " + std::to_string(value.size()) + " " + value + "\n";
  }
  return hmac_sha256_hex(key, text);
}

bool notes_are_ours(std::string_view key, const std::map<std::string, std::string>& labels) {
  const auto mac = labels.find(label::kNotesMac);
  return !key.empty() && mac != labels.end() && same_in_constant_time(mac->second, notes_mac(key, labels));
}

void forget_notes(std::map<std::string, std::string>& labels) {
  std::erase_if(labels, [](const auto& l) { return is_rotation_note(l.first); });
}

}  // namespace dso
