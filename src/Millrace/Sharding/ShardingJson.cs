using System.Text.Json.Serialization;

namespace Millrace.Sharding;

/// <summary>JSON metadata for the stored form of maps, fences, assignments and moves.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(StoredShardMap))]
[JsonSerializable(typeof(ShardFence))]
[JsonSerializable(typeof(ShardAssignment))]
[JsonSerializable(typeof(TenantMoveRecord))]
internal sealed partial class ShardingJson : JsonSerializerContext;
