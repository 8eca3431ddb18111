using System.Text.Json.Serialization;

namespace Millrace.Business;

/// <summary>The JSON metadata of stored anomalies and reports.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(KpiDetectionRecord))]
[JsonSerializable(typeof(KpiDetectorState))]
[JsonSerializable(typeof(KpiAnomaly))]
[JsonSerializable(typeof(KpiScheduleRecord))]
[JsonSerializable(typeof(KpiMailRecord))]
[JsonSerializable(typeof(KpiMonitorDeclaration))]
internal sealed partial class KpiMonitorJson : JsonSerializerContext;
