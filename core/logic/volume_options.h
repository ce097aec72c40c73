// What `docker volume create -d dso -o …` asks for, as a scope of files. Pure: names, owners, modes; never a value.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "logic/plan_reload.h"
#include "model/config.h"
#include "model/delivery.h"

namespace dso {

using VolumeOptions = std::map<std::string, std::string>;

/// secrets=REF,REF   which ([provider/]name[#field]); without '#field' every field is a file of its own name, or as `mappings`
/// say path=NAME         the file's name, where it is one file: one REF with '#field', or a template template=TEXT     one file
/// of TEXT, each {{field}} replaced (one REF without '#field') uid=, gid=        owner of the files; mode=0400
///
/// Errors (Config) name volume and option and say what to write instead.
Result<Scope> volume_scope(const std::string& volume, const VolumeOptions& options, const Config& config);

/// "volume-<name>-<16 hex>": of the name alone, since a volume's options never change.
std::string volume_scope_id(std::string_view volume);
bool is_volume_scope(std::string_view scope_id);
/// The engine's name of the volume.
std::string volume_of_scope(const Scope& scope);
/// Old and new container would have the same volume, so that a rolling update has nothing to bring: its files have changed.
void keep_in_place(StrategyChoice& choice);

/// What is kept on disk of a volume, so that it outlives the agent.
struct VolumeRecord {
  std::string name;
  VolumeOptions options;
  std::string created_at;  ///< RFC 3339, as the engine wants it.
};
std::string volume_record_json(const VolumeRecord& record);
Result<VolumeRecord> parse_volume_record(std::string_view text);

}  // namespace dso
