// What DSO notes about a rotation, as labels on the containers that it makes, and whether it was DSO that noted it: a MAC over
// all of it with a key of this host. Otherwise an image, or whoever writes a service's labels, could have ports published,
// restart policies set and containers replaced. Pure.
#pragma once
#include <map>
#include <string>
#include <string_view>

namespace dso {

/// dso.role, dso.service, dso.generation, dso.rotation.id, dso.replaces, dso.origin, and the MAC itself.
bool is_rotation_note(const std::string& key);

/// The value of dso.rotation.mac: 64 hex digits over all notes among `labels`. An absent one is as an empty one.
std::string notes_mac(std::string_view key, const std::map<std::string, std::string>& labels);

/// False: without a key, without a MAC, or the notes are others than those that it was made of.
bool notes_are_ours(std::string_view key, const std::map<std::string, std::string>& labels);

/// Without the notes.
void forget_notes(std::map<std::string, std::string>& labels);

}  // namespace dso
