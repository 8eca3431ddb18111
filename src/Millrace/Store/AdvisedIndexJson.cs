using System.Text.Json.Serialization;

namespace Millrace.Store;

/// <summary>The JSON metadata of advised indexes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(AdvisedIndex))]
internal sealed partial class AdvisedIndexJson : JsonSerializerContext;
