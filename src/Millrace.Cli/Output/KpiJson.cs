using System.Text.Json.Serialization;

namespace Millrace.Cli.Output;

/// <summary>The JSON metadata of business figures, which are written as an application answers them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<KpiInfo>))]
[JsonSerializable(typeof(IReadOnlyList<KpiSeries>))]
[JsonSerializable(typeof(IReadOnlyList<KpiAnomaly>))]
[JsonSerializable(typeof(KpiReport))]
internal sealed partial class KpiJson : JsonSerializerContext;
