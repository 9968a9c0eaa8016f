/*
 * Stands in for the header-only library ankerl::unordered_dense, which Debian 12 does not package. The worker uses its map, set and
 * hash in ways that the standard library's containers offer too; theirs are somewhat slower to iterate, which does not show.
 */
#pragma once

#include <unordered_map>
#include <unordered_set>

namespace ankerl::unordered_dense
{
	template<typename Key, typename Value, typename Hash = std::hash<Key>, typename Equal = std::equal_to<Key>>
	using map = std::unordered_map<Key, Value, Hash, Equal>;

	template<typename Key, typename Hash = std::hash<Key>, typename Equal = std::equal_to<Key>>
	using set = std::unordered_set<Key, Hash, Equal>;

	template<typename Key>
	using hash = std::hash<Key>;
} // namespace ankerl::unordered_dense
