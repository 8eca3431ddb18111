using System.Text.Json.Serialization;

namespace Millrace.Sharding;

/// <summary>JSON metadata for the stored form of maps, fences and assignments.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(StoredShardMap))]
[JsonSerializable(typeof(ShardFence))]
[JsonSerializable(typeof(ShardAssignment))]
internal sealed partial class ShardingJson : JsonSerializerContext;
