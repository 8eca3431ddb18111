using System.Text.Json;
using System.Text.Json.Serialization;

namespace Millrace.Sharding;

/// <summary>Writes the name of a shard as a text.</summary>
internal sealed class ShardIdJsonConverter : JsonConverter<ShardId>
{
    public override ShardId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ShardId.TryParse(reader.GetString(), out var shard)
            ? shard
            : throw new JsonException("The text is not the name of a shard.");

    public override void Write(Utf8JsonWriter writer, ShardId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}
