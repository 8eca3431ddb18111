using System.Text.Json.Serialization;

namespace Millrace.Tests;

/// <summary>Goods were sold; a negative amount is a cancellation.</summary>
public sealed record Sold(string? Country, decimal Amount, DateTimeOffset At);

/// <summary>A request was answered. Its time is the time of the event.</summary>
public sealed record Answered(bool IsSuccess, int Milliseconds, int Stars);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Sold))]
[JsonSerializable(typeof(Answered))]
internal sealed partial class KpiEventsJson : JsonSerializerContext;
