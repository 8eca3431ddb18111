using System.Text.Json.Serialization;
using Millrace.Benchmarks.Messaging;

namespace Millrace.Benchmarks.Data;

/// <summary>The document with the totals of a key.</summary>
internal sealed record LineTotal(int Key, long Lines, long Quantity, decimal Value, DateTimeOffset Last)
{
    public static LineTotal Add(LineTotal? total, LineAdded line) => new(
        line.Key,
        (total?.Lines ?? 0) + 1,
        (total?.Quantity ?? 0) + line.Quantity,
        (total?.Value ?? 0) + (line.Quantity * line.Price),
        line.At);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LineAdded))]
[JsonSerializable(typeof(LineTotal))]
[JsonSerializable(typeof(BasketState))]
[JsonSerializable(typeof(HaulAsked))]
[JsonSerializable(typeof(AddLine))]
internal sealed partial class DataJson : JsonSerializerContext;
