// Which names and places a delivered value may have: file names, folders to mount, variables. Pure; messages are for people
// and say only what is wrong, the caller adds secret and field.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace dso {

/// Of a user or group: the highest number of all means "leave it as it is" to chown.
inline constexpr std::uint32_t kHighestId = 4294967294U;

/// Nothing if `name` can be one file of a delivery folder, else why not.
std::optional<std::string> why_not_file_name(std::string_view name);

/// Nothing if `folder` (absolute, without a trailing '/') can be mounted into a container, else why not: it belongs to the
/// system, is DSO's own, or is not written plainly ("..", "//").
std::optional<std::string> why_not_folder(std::string_view folder);

/// As most images have it, where /var/run is a link to /run: "/var/run/secrets" -> "/run/secrets".
std::string as_linked(std::string_view path);

/// Nothing if it can be a variable, else why not. `asked`: whoever runs the container wrote that name, so it may be whatever
/// `docker run -e` takes ("spring.datasource.password"); a name made of a field's is [A-Za-z_][A-Za-z0-9_]*.
std::optional<std::string> why_not_env_name(std::string_view name, bool asked);

/// Upper case, '-', '.' and '/' as '_': "db.password" -> "DB_PASSWORD". May still not be a variable's name.
std::string env_name_of_field(std::string_view field);
/// Upper case, all but letters and digits as '_'.
std::string env_name_of_secret(std::string_view last_segment);

/// What follows the last '/', whatever the version: "myapp/db" -> "db".
std::string_view last_segment(std::string_view secret_name);

/// As the engine compares paths: without ".", ".." and '/' that change nothing, none at the end.
std::string clean_path(std::string_view path);
/// True if `inner` lies below `outer` (not equal).
bool is_below(std::string_view inner, std::string_view outer);
bool is_at_or_below(std::string_view inner, std::string_view outer);

}  // namespace dso
