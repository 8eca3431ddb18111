using System.Text.Json.Serialization;

namespace Millrace.Scheduling;

/// <summary>The JSON metadata of stored timers and schedules.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(TimerRecord))]
[JsonSerializable(typeof(TimerNote))]
[JsonSerializable(typeof(ScheduleRecord))]
internal sealed partial class SchedulingJson : JsonSerializerContext;
