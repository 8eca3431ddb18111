using System.Text.Json.Serialization;

namespace Millrace.Cli.Tests;

/// <summary>An event with a value for a business figure.</summary>
public sealed record GoodsSold(string Country, decimal Amount, DateTimeOffset At);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GoodsSold))]
internal sealed partial class GoodsSoldJson : JsonSerializerContext;
