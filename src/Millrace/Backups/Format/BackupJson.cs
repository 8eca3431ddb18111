using System.Text.Json.Serialization;

namespace Millrace.Backups.Format;

/// <summary>The JSON of backups.</summary>
[JsonSerializable(typeof(BackupInfo))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
internal sealed partial class BackupJson : JsonSerializerContext;
