using System.Text.Json.Serialization;

namespace Millrace.Storage.Archives;

/// <summary>The JSON metadata of the documents of an archive.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ArchiveHeader))]
[JsonSerializable(typeof(ArchiveSegment))]
[JsonSerializable(typeof(ArchiveProgress))]
[JsonSerializable(typeof(ArchiveRestoration))]
[JsonSerializable(typeof(ArchiveScheduledRun))]
internal sealed partial class ArchiveJson : JsonSerializerContext;
